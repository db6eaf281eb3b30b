/** Functions of tfjs-core that a user's layer may call, one at a time. */
import type { Shape } from "@hone/core/internals";
import * as tf from "@tensorflow/tfjs-core";

export interface KernelUse {
  /** Of one row. */
  readonly shape: Shape;
  /** Of a batch of rows. */
  readonly call: (x: tf.Tensor) => tf.Tensor;
  /** Brings the rows into the function's domain. */
  readonly domain?: (x: tf.Tensor) => tf.Tensor;
  /** Piecewise constant, or with indices alone: nothing to differentiate. */
  readonly isFlat?: boolean;
}

const within = (low: number, high: number) => (x: tf.Tensor) =>
  tf.add(tf.mul(tf.sigmoid(x), high - low), low);

const of = (
  call: KernelUse["call"],
  domain?: KernelUse["domain"],
  more: Partial<KernelUse> = {},
): KernelUse => ({ shape: [6], call, ...(domain && { domain }), ...more });

const wide = (x: tf.Tensor) => tf.mul(x, 7);
const flat = { isFlat: true };
const float = (x: tf.Tensor) => tf.cast(x, "float32");
const grid: Shape = [4, 6];
const picture: Shape = [4, 6, 3];
const inGrid = (call: KernelUse["call"], more: Partial<KernelUse> = {}): KernelUse => ({
  shape: grid,
  call,
  ...more,
});
const inPicture = (call: (x: tf.Tensor4D) => tf.Tensor, more: Partial<KernelUse> = {}) => ({
  shape: picture,
  call: call as KernelUse["call"],
  ...more,
});
const indices = tf.tensor([2, 0, 2, 1], [4], "int32");

export const kernelUses: Readonly<Record<string, KernelUse>> = {
  sin: of(tf.sin, wide),
  cos: of(tf.cos, wide),
  tan: of(tf.tan, within(-1.2, 1.2)),
  asin: of(tf.asin, within(-0.9, 0.9)),
  acos: of(tf.acos, within(-0.9, 0.9)),
  atan: of(tf.atan, wide),
  atan2: of((x) => tf.atan2(x, tf.reverse(x, -1)), wide),
  sinh: of(tf.sinh),
  cosh: of(tf.cosh),
  asinh: of(tf.asinh, wide),
  acosh: of(tf.acosh, within(1.2, 5)),
  atanh: of(tf.atanh, within(-0.9, 0.9)),
  expm1: of(tf.expm1),
  log1p: of(tf.log1p, within(-0.5, 3)),
  floor: of(tf.floor, wide, flat),
  ceil: of(tf.ceil, wide, flat),
  round: of(tf.round, wide, flat),
  "round of halves": of(
    (x) => tf.add(tf.mul(x, 0), tf.round(tf.tensor([[-1.5, -0.5, 0.5, 1.5, 2.5, 3.49]]))),
    undefined,
    flat,
  ),
  mod: of((x) => tf.mod(x, 3), wide),
  "mod of both": of((x) => tf.mod(tf.add(x, 20), within(2, 4)(x)), wide),
  floorDiv: of((x) => tf.floorDiv(x, 3), wide, flat),
  isNaN: of((x) => float(tf.isNaN(tf.log(x))), undefined, flat),
  isInf: of((x) => float(tf.isInf(tf.div(1, tf.relu(x)))), undefined, flat),
  isFinite: of((x) => float(tf.isFinite(tf.div(1, tf.relu(x)))), undefined, flat),
  logicalXor: of(
    (x) => float(tf.logicalXor(tf.greater(x, 0), tf.greater(x, 0.5))),
    undefined,
    flat,
  ),
  all: inGrid((x) => float(tf.all(tf.greater(x, -0.5), 1)), flat),
  any: inGrid((x) => float(tf.any(tf.greater(x, 0.7), 2, true)), flat),
  prod: inGrid((x) => tf.prod(x, 1)),
  "prod of all": inGrid((x) => tf.prod(x, [1, 2], true)),
  min: inGrid((x) => tf.min(x, 1)),
  argMin: inGrid((x) => float(tf.argMin(x, 1)), flat),
  argMax: inGrid((x) => float(tf.argMax(x, 1)), flat),
  cumsum: inGrid((x) => tf.cumsum(x, 1)),
  "cumsum exclusive": inGrid((x) => tf.cumsum(x, 2, true)),
  "cumsum reverse": inGrid((x) => tf.cumsum(x, 2, false, true)),
  "cumsum of both": inGrid((x) => tf.cumsum(x, 1, true, true)),
  cumprod: inGrid((x) => tf.cumprod(x, 1)),
  logSumExp: inGrid((x) => tf.logSumExp(x, 1)),
  moments: inGrid((x) => tf.moments(x, 1).variance),
  norm: inGrid((x) => tf.norm(x, "euclidean", 2)),
  topk: inGrid((x) => tf.topk(x, 3).values),
  "topk indices": inGrid((x) => float(tf.topk(x, 3).indices), flat),
  reverse: inGrid((x) => tf.reverse(x, 1)),
  "reverse of many": { shape: [20], call: (x) => tf.mul(tf.reverse(x, 1), x) },
  stridedSlice: inGrid((x) => tf.stridedSlice(x, [0, 0, 1], [99, 4, 6], [1, 3, 2], 0, 1)),
  "stridedSlice backwards": inGrid((x) =>
    tf.stridedSlice(x, [0, 3, 5], [99, 0, 0], [1, -1, -2], 0, 1),
  ),
  split: inGrid((x) => tf.mul(tf.split(x, [2, 4], 2)[1] as tf.Tensor, 2)),
  stack: inGrid((x) => tf.stack(tf.unstack(x, 1), 2)),
  mirrorPad: inGrid((x) =>
    tf.mirrorPad(
      x as tf.Tensor3D,
      [
        [0, 0],
        [2, 1],
        [1, 3],
      ],
      "reflect",
    ),
  ),
  "mirrorPad symmetric": inGrid((x) =>
    tf.mirrorPad(
      x as tf.Tensor3D,
      [
        [0, 0],
        [2, 1],
        [0, 3],
      ],
      "symmetric",
    ),
  ),
  gather: inGrid((x) => tf.gather(x, indices, 1)),
  "gather last": inGrid((x) => tf.gather(x, tf.reshape(indices, [2, 2]), 2)),
  "gather of the batch's own": inGrid((x) => tf.gather(x, tf.argMax(x, 1), 1, 1)),
  "gather of computed": of(
    (x) =>
      tf.gather(
        tf.mul(
          tf.tensor2d([
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
          1,
        ),
        tf.cast(tf.abs(tf.clipByValue(x, -2, 2)), "int32"),
      ),
    undefined,
    flat,
  ),
  unsortedSegmentSum: inGrid((x) =>
    tf.transpose(
      tf.unsortedSegmentSum(tf.transpose(x, [1, 0, 2]), indices as tf.Tensor1D, 4),
      [1, 0, 2],
    ),
  ),
  oneHot: of((x) => float(tf.oneHot(tf.cast(tf.abs(x), "int32"), 4)), undefined, flat),
  denseBincount: {
    shape: [5],
    call: (x) => tf.denseBincount(tf.cast(tf.abs(x), "int32") as tf.Tensor2D, [] as never, 5),
    isFlat: true,
  },
  searchSorted: {
    shape: [5],
    call: (x) => float(tf.lowerBound(tf.cumsum(tf.abs(x), 1), tf.abs(x))),
    isFlat: true,
  },
  einsum: inGrid((x) => tf.einsum("bij,bkj->bik", x, x)),
  "einsum of heads": inGrid((x) =>
    tf.einsum("bij,jkl->bikl", x, tf.reshape(tf.linspace(-1, 1, 36), [6, 2, 3])),
  ),
  "einsum outer": inGrid((x) => tf.einsum("bi,bj->bij", tf.sum(x, 1), tf.sum(x, 2))),
  "einsum of one": inGrid((x) => tf.einsum("bij->bji", x)),
  linspace: of((x) => tf.mul(x, tf.linspace(-1, 1, 6))),
  range: of((x) => tf.mul(x, tf.range(0, 6))),
  broadcastTo: of((x) => tf.broadcastTo(tf.expandDims(x, 1), [x.shape[0] as number, 3, 6])),
  eye: of((x) => tf.matMul(x, tf.eye(6))),
  tile: inGrid((x) => tf.tile(x, [1, 2, 3])),
  bandPart: inGrid((x) => tf.mul(x, tf.linalg.bandPart(tf.ones([4, 6]), 1, 0))),
  depthToSpace: { shape: [2, 3, 8], call: (x) => tf.depthToSpace(x as tf.Tensor4D, 2) },
  spaceToBatchND: inPicture((x) =>
    tf.reshape(
      tf.batchToSpaceND(
        tf.mul(
          tf.spaceToBatchND(
            x,
            [2, 2],
            [
              [1, 1],
              [0, 2],
            ],
          ),
          2,
        ),
        [2, 2],
        [
          [1, 1],
          [0, 2],
        ],
      ),
      [-1, 4, 6, 3],
    ),
  ),
  resizeNearestNeighbor: inPicture((x) => tf.image.resizeNearestNeighbor(x, [8, 9])),
  "resizeNearestNeighbor centred": inPicture((x) =>
    tf.image.resizeNearestNeighbor(x, [3, 5], false, true),
  ),
  "resizeNearestNeighbor aligned": inPicture((x) =>
    tf.image.resizeNearestNeighbor(x, [7, 4], true),
  ),
  resizeBilinear: inPicture((x) => tf.image.resizeBilinear(x, [7, 9])),
  "resizeBilinear centred": inPicture((x) => tf.image.resizeBilinear(x, [3, 8], false, true)),
  "resizeBilinear aligned": inPicture((x) => tf.image.resizeBilinear(x, [6, 4], true)),
  flipLeftRight: inPicture((x) => tf.image.flipLeftRight(x)),
  localResponseNormalization: inPicture((x) => tf.localResponseNormalization(x, 1, 1, 0.5, 0.75)),
  dilation2d: inPicture((x) =>
    tf.dilation2d(x, tf.reshape(tf.linspace(0, 1, 18), [2, 3, 3]) as tf.Tensor3D, 1, "valid"),
  ),
  conv1d: inGrid((x) =>
    tf.conv1d(
      x as tf.Tensor3D,
      tf.reshape(tf.linspace(-1, 1, 36), [3, 6, 2]) as tf.Tensor3D,
      1,
      "same",
    ),
  ),
  conv3d: {
    shape: [3, 4, 5, 2],
    call: (x) =>
      tf.conv3d(
        x as tf.Tensor5D,
        tf.reshape(tf.linspace(-1, 1, 72), [2, 3, 3, 2, 2]) as tf.Tensor5D,
        1,
        "same",
      ),
  },
  pool: inPicture((x) => tf.pool(x, [2, 2], "avg", "valid", [2, 2], [1, 1])),
  softsign: of((x) => tf.div(x, tf.add(tf.abs(x), 1))),
  cosineDistance: of((x) => tf.sub(1, tf.sum(tf.mul(x, tf.reverse(x, 1)), 1, true))),
  addN: of((x) => tf.addN([x, x, tf.square(x)])),
  where: of((x) => tf.where(tf.greater(x, 0), x, tf.mul(x, 0.1))),
  dot: of((x) => tf.dot(x, tf.linspace(0, 1, 6))),
  meanAll: inGrid((x) => tf.mean(x, [1, 2])),
  squeeze: inGrid((x) => tf.squeeze(tf.expandDims(x, 2), [2])),
};
