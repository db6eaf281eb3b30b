/** Rows of a data set in, images changed, masks, and a step's figures out. */
import {
  augmentedPixels,
  firstBlockOf,
  HoneError,
  numberAttribute,
  philox,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  VACATED,
} from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { reshaped, type StockOp } from "./stock-op.js";

const gatherRows: StockOp = {
  op: "GatherRows",
  kernels: ["GatherV2", "Multiply", "Add"],
  lower: (call) => {
    const batch = shapeOfOutput(call)[0] as number;
    const ordered = call.inputs.length > 1;
    const capacity = ordered ? sizeOf(shapeOfInput(call, 1)) : 0;
    const stride = numberAttribute(call, "stride");
    const dtype = call.outputs[0]?.dtype;
    const integers = dtype === "int32";
    const scale = integers ? 1 : numberAttribute(call, "scale");
    const offset = integers ? 0 : numberAttribute(call, "offset");
    return (run) => {
      const { tensor, rows } = run.column(0);
      const start = ordered ? (run.values(2)[0] as number) : 0;
      const place = (run.step - start) * stride;
      if (ordered && !(place >= 0 && place + batch <= capacity)) {
        throw outOfRange(
          `step ${run.step} asks for places ${place} to ${place + batch - 1} of an order of ${capacity}`,
        );
      }
      const picked = ordered
        ? Int32Array.from(run.values(1, place, batch))
        : Int32Array.from({ length: batch }, (_, row) => place + row);
      for (const row of picked) {
        if (row >= 0 && row < rows) continue;
        throw outOfRange(`step ${run.step} asks for row ${row} of a data set of ${rows} rows`);
      }
      const indices = run.upload(picked, [batch], "int32");
      const x = run.kernel("GatherV2", { x: tensor, indices }, { axis: 0, batchDims: 0 });
      const cast = x.dtype === dtype ? x : run.kernel("Cast", { x }, { dtype });
      const scaled = scale === 1 ? cast : run.kernel("Multiply", { a: cast, b: run.scalar(scale) });
      return offset === 0 ? scaled : run.kernel("Add", { a: scaled, b: run.scalar(offset) });
    };
  },
};

function outOfRange(what: string): HoneError {
  return new HoneError("BadArgument", "GatherRows", `${what}. Run fewer steps or write the order.`);
}

/** The mask is defined to the bit, so it is drawn by the host and uploaded. */
const dropout: StockOp = {
  op: "Dropout",
  kernels: ["RealDiv", "Select"],
  lower: (call) => {
    const size = sizeOf(shapeOfOutput(call));
    const rate = numberAttribute(call, "rate");
    const ordinal = numberAttribute(call, "ordinal");
    const first = firstBlockOf(call);
    return (run) => {
      const seed = run.values(1)[0] as number;
      const key = `${seed} ${ordinal} ${run.step} ${rate} ${size} ${first}`;
      const draws = { first, step: run.step, seed, ordinal };
      const mask = run.mask(key, () => drawMask(size, rate, draws));
      const x: Tensor = reshaped(run.input(0), [size]);
      return run.kernel("Select", {
        condition: run.upload(mask, [size], "bool"),
        t: run.kernel("RealDiv", { a: x, b: run.scalar(1 - rate) }),
        e: run.constant("zeros", () => ({ values: new Float32Array(size), shape: [size] })),
      });
    };
  },
};

/** Which of the generator's numbers are drawn. */
interface Draws {
  /** Block of the first element. */
  readonly first: number;
  readonly step: number;
  readonly seed: number;
  readonly ordinal: number;
}

function drawMask(size: number, rate: number, { first, step, seed, ordinal }: Draws) {
  const threshold = Math.ceil(rate * 2 ** 24);
  const lanes = new Uint32Array(4);
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const lane = i % 4;
    if (lane === 0) philox(lanes, first + i / 4, step, 0, 0, seed, ordinal);
    mask[i] = (lanes[lane] as number) >>> 8 >= threshold ? 1 : 0;
  }
  return mask;
}

/** Defined by the generator's bits as a mask is, so they too are drawn by the host and uploaded. */
const random: StockOp = {
  op: "Random",
  kernels: [],
  lower: (call) => {
    const shape = shapeOfOutput(call);
    const ordinal = numberAttribute(call, "ordinal");
    const isNormal = call.attributes.distribution === "normal";
    const first = firstBlockOf(call);
    return (run) => {
      const draws = { first, step: run.step, seed: run.values(0)[0] as number, ordinal };
      const numbers = drawNumbers(sizeOf(shape), isNormal, draws);
      return run.upload(numbers, shape, "float32");
    };
  },
};

function drawNumbers(size: number, isNormal: boolean, { first, step, seed, ordinal }: Draws) {
  const lanes = new Uint32Array(4);
  const numbers = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const lane = i % 4;
    if (lane === 0) philox(lanes, first + i / 4, step, 0, 0, seed, ordinal);
    const bitsOf = (word: number) => (lanes[word] as number) >>> 8;
    if (isNormal) {
      const pair = lane - (lane % 2);
      const radius = Math.sqrt(-2 * Math.log((bitsOf(pair) + 1) / 2 ** 24));
      const angle = (2 * Math.PI * bitsOf(pair + 1)) / 2 ** 24;
      numbers[i] = radius * (lane % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
    } else {
      numbers[i] = bitsOf(lane) / 2 ** 24;
    }
  }
  return numbers;
}

/** Pixels are picked by the host's list, in which those vacated are a pixel of zeros behind the last. */
const augmentImages: StockOp = {
  op: "AugmentImages",
  kernels: ["GatherV2"],
  lower: (call) => {
    const shape = shapeOfInput(call, 0);
    const channels = shape[3] ?? 1;
    const pixels = sizeOf(shape) / channels;
    const draw = augmentedPixels(call);
    return (run) => {
      const indices = new Int32Array(pixels);
      draw(indices, run.step, run.values(1)[0] as number);
      for (let pixel = 0; pixel < pixels; pixel++) {
        if (indices[pixel] === VACATED) indices[pixel] = pixels;
      }
      const zero = run.constant("zero", () => ({
        values: new Float32Array(channels),
        shape: [1, channels],
      }));
      const parts = [reshaped(run.input(0), [pixels, channels]), zero];
      const x = run.kernel("Concat", parts, { axis: 0 });
      const picked = run.upload(indices, [pixels], "int32");
      const y = run.kernel("GatherV2", { x, indices: picked }, { axis: 0, batchDims: 0 });
      return reshaped(y, shape);
    };
  },
};

/** A ring of rows is replaced by one in which the step's row is another. */
const recordStep: StockOp = {
  op: "RecordStep",
  kernels: ["TensorScatterUpdate"],
  lower: (call) => {
    const [length, width] = shapeOfInput(call, 0) as readonly [number, number];
    const values = call.inputs.map((_, index) => index).slice(1);
    return (run) => {
      const parts = values.map((index) => {
        const value = run.input(index);
        const floats =
          value.dtype === "float32"
            ? value
            : run.kernel("Cast", { x: value }, { dtype: "float32" });
        return reshaped(floats, [sizeOf(value.shape)]);
      });
      const row =
        parts.length === 1 ? (parts[0] as Tensor) : run.kernel("Concat", parts, { axis: 0 });
      const indices = run.upload(Int32Array.of(run.step % length), [1, 1], "int32");
      return run.kernel(
        "TensorScatterUpdate",
        { tensor: run.input(0), indices, updates: reshaped(row, [1, width]) },
        {},
      );
    };
  },
};

export const dataOps: readonly StockOp[] = [gatherRows, augmentImages, dropout, random, recordStep];
