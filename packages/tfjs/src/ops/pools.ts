/** Pools and their gradients. */
import {
  type Call,
  listAttribute,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  windowGeometry,
} from "@hone/core/backend";
import { maxPoolGradByConvolution } from "./max-pool-grad.js";
import { paddingOf } from "./padding.js";
import { reduce } from "./reductions.js";
import { type Composition, flat, reshaped, type StockOp } from "./stock-op.js";

const poolAttributes = (call: Call) => ({
  filterSize: listAttribute(call, "filterSize"),
  strides: listAttribute(call, "strides"),
  pad: paddingOf(call),
});

const pool = (op: string): StockOp => ({
  op,
  kernels: [op],
  lower: (call) => {
    const attrs = poolAttributes(call);
    return (run) => run.kernel(op, { x: run.input(0) }, attrs);
  },
});

/**
 * The kernels pass over NaN, so the places of NaN are pooled beside the numbers.
 * @param looks a sum does not pass over NaN: only where it finds one (or two infinities) there is more
 * to do. Not where the host would have to wait for it.
 */
const maxPoolKeepingNaN = (looks: boolean): Composition => ({
  cornersOnly: true,
  kernels: ["MaxPool", "Sum", "IsNan", "Greater", "Select"],
  lower: (call) => {
    const attrs = poolAttributes(call);
    const size = sizeOf(shapeOfOutput(call));
    const notNumbers = () => ({ values: new Float32Array(size).fill(Number.NaN), shape: [size] });
    return (run) => {
      const x = run.input(0);
      const maxima = run.kernel("MaxPool", { x }, attrs);
      if (looks && !Number.isNaN(run.look(reduce(run, "Sum", flat(x), 0)))) return maxima;
      const marks = run.kernel("Cast", { x: run.kernel("IsNan", { x }) }, { dtype: "float32" });
      const marked = run.kernel("MaxPool", { x: marks }, attrs);
      return run.kernel("Select", {
        condition: flat(run.kernel("Greater", { a: marked, b: run.scalar(0) })),
        t: run.constant("NaN", notNumbers),
        e: flat(maxima),
      });
    };
  },
});

const maxPool: StockOp = {
  ...pool("MaxPool"),
  on: {
    cpu: maxPoolKeepingNaN(true),
    wasm: maxPoolKeepingNaN(true),
    webgpu: maxPoolKeepingNaN(false),
  },
};

/**
 * The kernels of wasm and webgpu give the gradient of a tie to its last cell. That of wasm also looks for
 * a maximum above the smallest positive number alone, and gives the gradient of a window without one to
 * the tensor's first element.
 */
const maxPoolGrad: StockOp = {
  op: "MaxPoolGrad",
  kernels: ["MaxPoolGrad"],
  on: {
    wasm: maxPoolGradByConvolution,
    webgpu: { ...maxPoolGradByConvolution, cornersOnly: true },
  },
  lower: (call) => {
    const attrs = poolAttributes(call);
    return (run) =>
      run.kernel(
        "MaxPoolGrad",
        { dy: run.input(0), input: run.input(1), output: run.input(2) },
        attrs,
      );
  },
};

/**
 * The stock kernel shares a gradient among all cells of its window, those in the padding too; a pool's
 * mean counts only the others. So the gradient is weighted first, where there is padding.
 */
const avgPoolGrad: StockOp = {
  op: "AvgPoolGrad",
  kernels: ["AvgPoolGrad", "Multiply"],
  lower: (call) => {
    const attrs = poolAttributes(call);
    const shape = shapeOfOutput(call);
    const weights = cellWeights(call);
    return (run) => {
      const dy = run.input(0);
      const weighted = weights
        ? run.kernel("Multiply", { a: dy, b: run.constant("weights", () => weights) })
        : dy;
      // Only the shape of the input is read.
      return run.kernel("AvgPoolGrad", { dy: weighted, input: reshaped(dy, shape) }, attrs);
    };
  },
};

/** For each window the share of its cells that are not padding, inverted; undefined without padding. */
function cellWeights(call: Call) {
  if (listAttribute(call, "padding").every((cells) => cells === 0)) return undefined;
  const filter = listAttribute(call, "filterSize");
  const g = windowGeometry(shapeOfOutput(call), shapeOfInput(call, 0), filter, call.attributes);
  const inside = (at: number, stride: number, before: number, size: number, extent: number) => {
    const first = at * stride - before;
    return Math.min(extent, first + size) - Math.max(0, first);
  };
  const values = new Float32Array(g.outputHeight * g.outputWidth);
  for (let row = 0; row < g.outputHeight; row++) {
    const rows = inside(row, g.strideHeight, g.padTop, g.filterHeight, g.inputHeight);
    for (let column = 0; column < g.outputWidth; column++) {
      const columns = inside(column, g.strideWidth, g.padLeft, g.filterWidth, g.inputWidth);
      values[row * g.outputWidth + column] = (g.filterHeight * g.filterWidth) / (rows * columns);
    }
  }
  return { values, shape: [1, g.outputHeight, g.outputWidth, 1] };
}

export const poolOps: readonly StockOp[] = [maxPool, pool("AvgPool"), maxPoolGrad, avgPoolGrad];
