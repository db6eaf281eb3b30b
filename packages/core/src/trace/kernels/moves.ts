/** Elements moved by a pattern: turned round, mirrored, resized, in blocks, in steps. */
import { backend_util, slice_util } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../graph/geometry.js";
import type { Traced, TracedBuilder } from "../traced.js";
import { axesOf, type KernelCall, type Kernels, numberAttribute } from "./kernel.js";
import { padded, range, strided, take, transposed, upTo } from "./take.js";

function reversed(build: TracedBuilder, x: Traced, axes: readonly number[]): Traced {
  return axes.reduce((result, axis) => {
    return take(build, result, axis, upTo(result.shape[axis] as number).reverse());
  }, x);
}

function mirrorPad({ build, input, attributes }: KernelCall): Traced {
  const paddings = attributes.paddings as readonly (readonly [number, number])[];
  // Reflected at the border's own element, or between it and its neighbour.
  const skipped = attributes.mode === "reflect" ? 1 : 0;
  return paddings.reduce<Traced>((x, [before, after], axis) => {
    const extent = x.shape[axis] as number;
    const front = upTo(before).map((at) => before - 1 - at + skipped);
    const back = upTo(after).map((at) => extent - 1 - at - skipped);
    return before + after === 0 ? x : take(build, x, axis, [...front, ...upTo(extent), ...back]);
  }, input("x"));
}

function stridedSlice(call: KernelCall): Traced {
  const { build, attributes } = call;
  const x = call.input("x");
  const list = (name: string) => attributes[name] as number[];
  const mask = (name: string) => numberAttribute(call, name);
  const { finalShape, begin, end, strides } = slice_util.sliceInfo(
    [...x.shape],
    list("begin"),
    list("end"),
    list("strides"),
    mask("beginMask"),
    mask("endMask"),
    mask("ellipsisMask"),
    mask("newAxisMask"),
    mask("shrinkAxisMask"),
  );
  const extents = slice_util.computeOutShape(begin, end, strides);
  const result = x.shape.reduce<Traced>((part, _, axis) => {
    const [first, count, stride] = [begin[axis] ?? 0, extents[axis] ?? 1, strides[axis] ?? 1];
    if (stride > 0) return strided(build, part, axis, first, count, stride);
    const indices = upTo(count).map((at) => first + at * stride);
    return take(build, part, axis, indices);
  }, x);
  return build.reshape(result, finalShape);
}

interface Resizing {
  /** Where a result's element lies between those of the input. */
  readonly sourceOf: (at: number) => number;
  readonly from: number;
  readonly to: number;
}

/** How tfjs places the elements of one axis. */
function resizing(call: KernelCall, axis: 1 | 2, half: number): Resizing {
  const from = call.input("images").shape[axis] as number;
  const to = (call.attributes.size as readonly number[])[axis - 1] as number;
  const isAligned = call.attributes.alignCorners === true && to > 1;
  const scale = isAligned ? (from - 1) / (to - 1) : from / to;
  const isCentred = call.attributes.halfPixelCenters === true;
  const sourceOf = (at: number) => (isCentred ? scale * (at + 0.5) - half : scale * at);
  return { sourceOf, from, to };
}

function resizeNearest(call: KernelCall): Traced {
  const { alignCorners } = call.attributes;
  return ([1, 2] as const).reduce<Traced>((x, axis) => {
    const { sourceOf, from, to } = resizing(call, axis, 0);
    const nearest = (at: number) => {
      const source = sourceOf(at);
      return Math.max(
        0,
        Math.min(from - 1, alignCorners === true ? Math.round(source) : Math.floor(source)),
      );
    };
    return take(call.build, x, axis, upTo(to).map(nearest));
  }, call.input("images"));
}

/** A product with what each element of the result takes of those of the input, along one axis after the other. */
function resizeBilinear(call: KernelCall): Traced {
  const { build } = call;
  return ([1, 2] as const).reduce<Traced>(
    (x, axis) => {
      const { sourceOf, from, to } = resizing(call, axis, 0.5);
      const weights = new Float32Array(to * from);
      for (let at = 0; at < to; at++) {
        const source = sourceOf(at);
        const low = Math.max(0, Math.floor(source));
        const high = Math.min(from - 1, Math.ceil(source));
        const share = source - low;
        weights[at * from + low] = (weights[at * from + low] ?? 0) + 1 - share;
        weights[at * from + high] = (weights[at * from + high] ?? 0) + share;
      }
      return along(build, x, axis, weights, to);
    },
    build.float(call.input("images")),
  );
}

/** x with one axis multiplied by a matrix [to, from]. */
function along(
  build: TracedBuilder,
  x: Traced,
  axis: number,
  matrix: Float32Array,
  to: number,
): Traced {
  const from = x.shape[axis] as number;
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const constant = build.graph.constant(matrix, [1, to, from]);
  const stacks = build.dense(build.reshape(x, [outer, from, inner]));
  const attributes = { transposeA: false, transposeB: false };
  const source = build.graph.op("BatchMatMul", [constant, stacks], attributes);
  return build.reshape(
    build.from(source),
    x.shape.map((extent, at) => (at === axis ? to : extent)),
  );
}

/** Neighbours across channels, squared and summed, as one product. */
function localResponse(call: KernelCall): Traced {
  const { build } = call;
  const x = build.float(call.input("x"));
  const channels = x.shape.at(-1) as number;
  const radius = numberAttribute(call, "depthRadius", 5);
  const band = new Float32Array(channels * channels);
  for (let from = 0; from < channels; from++) {
    for (let to = 0; to < channels; to++) {
      if (Math.abs(from - to) <= radius) band[from * channels + to] = 1;
    }
  }
  const axis = x.shape.length - 1;
  const sums = along(build, build.unary("Square", x), axis, band, channels);
  const scaled = build.elementwise("Multiply", [
    sums,
    build.scalar(numberAttribute(call, "alpha", 1)),
  ]);
  const base = build.elementwise("Add", [scaled, build.scalar(numberAttribute(call, "bias", 1))]);
  const beta = build.scalar(-numberAttribute(call, "beta", 0.5));
  return build.elementwise("Multiply", [x, build.elementwise("Pow", [base, beta])]);
}

/** Blocks of a picture become pictures of the batch. */
function spaceToBatch({ build, input, attributes }: KernelCall): Traced {
  const block = attributes.blockShape as number[];
  const paddings = attributes.paddings as readonly (readonly [number, number])[];
  const whole = paddings.reduce<Traced>(
    (x, sides, at) => padded(build, x, at + 1, sides),
    input("x"),
  );
  const shape = [...whole.shape];
  const reshaped = backend_util.getReshaped(shape, block, sizeOf(block), false);
  const permuted = backend_util.getPermuted(reshaped.length, block.length, false);
  const result = backend_util.getReshapedPermuted(shape, block, sizeOf(block), false);
  return build.reshape(transposed(build, build.reshape(whole, reshaped), permuted), result);
}

function batchToSpace({ build, input, attributes }: KernelCall): Traced {
  const x = input("x");
  const block = attributes.blockShape as number[];
  const crops = attributes.crops as number[][];
  const shape = [...x.shape];
  const reshaped = backend_util.getReshaped(shape, block, sizeOf(block));
  const permuted = backend_util.getPermuted(reshaped.length, block.length);
  const result = backend_util.getReshapedPermuted(shape, block, sizeOf(block));
  const whole = build.reshape(transposed(build, build.reshape(x, reshaped), permuted), result);
  return crops.reduce<Traced>((part, [before = 0, after = 0], at) => {
    const extent = (part.shape[at + 1] as number) - before - after;
    return range(build, part, at + 1, before, extent);
  }, whole);
}

function depthToSpace(call: KernelCall): Traced {
  const { build } = call;
  if (call.attributes.dataFormat === "NCHW") call.refuse("asks for channels first. Use NHWC");
  const x = call.input("x");
  const size = numberAttribute(call, "blockSize", 1);
  const [batch, height, width, channels] = x.shape as readonly [number, number, number, number];
  const depth = channels / (size * size);
  const blocks = build.reshape(x, [batch, height, width, size, size, depth]);
  const moved = transposed(build, blocks, [0, 1, 3, 2, 4, 5]);
  return build.reshape(moved, [batch, height * size, width * size, depth]);
}

export const moveKernels: Kernels = {
  Reverse: ({ build, input, attributes }) => {
    const x = input("x");
    return reversed(build, x, axesOf(attributes.dims, x.shape));
  },
  FlipLeftRight: ({ build, input }) => reversed(build, input("image"), [2]),
  MirrorPad: mirrorPad,
  StridedSlice: stridedSlice,
  ResizeNearestNeighbor: resizeNearest,
  ResizeBilinear: resizeBilinear,
  LRN: localResponse,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
  BroadcastTo: ({ build, input, attributes }) => {
    const x = input("x");
    const shape = attributes.shape as readonly number[];
    const source = x.spread ? x.source : build.dense(x);
    return { shape, dtype: x.dtype, source, spread: true };
  },
};
