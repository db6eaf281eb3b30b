/** Convolutions, pools and their gradients. */
import {
  type Call,
  listAttribute,
  type Shape,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  windowGeometry,
} from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { reduce } from "./reductions.js";
import { type CallRun, type Composition, flat, reshaped, type StockOp } from "./stock-op.js";

/** Padding by numbers, as tfjs takes it: a pair for each axis. */
function paddingOf(call: Call) {
  const [top, bottom, left, right] = listAttribute(call, "padding");
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

const convolutionAttributes = (call: Call) => ({
  strides: listAttribute(call, "strides"),
  pad: paddingOf(call),
  dataFormat: "NHWC",
  dilations: listAttribute(call, "dilations"),
});

const conv2d: StockOp = {
  op: "Conv2D",
  kernels: ["Conv2D"],
  lower: (call) => {
    const attrs = convolutionAttributes(call);
    return (run) => run.kernel("Conv2D", { x: run.input(0), filter: run.input(1) }, attrs);
  },
};

const fusedConv2d: StockOp = {
  op: "FusedConv2D",
  kernels: ["FusedConv2D"],
  lower: (call) => {
    const attrs = { ...convolutionAttributes(call), activation: call.attributes.activation };
    const filters = shapeOfOutput(call).at(-1) ?? 1;
    const biased = call.inputs.length > 2;
    return (run) =>
      run.kernel(
        "FusedConv2D",
        {
          x: run.input(0),
          filter: run.input(1),
          bias: biased ? reshaped(run.input(2), [filters]) : undefined,
        },
        attrs,
      );
  },
};

/**
 * A dilated filter as a larger one with zeros between its rows and columns: stock gradients know no
 * dilation. @param filter [kh, kw, ci, co]
 */
class SpreadFilter {
  readonly #filter: Shape;
  readonly #dilations: readonly [number, number];
  /** Of the larger filter. */
  readonly shape: Shape;
  /** False where the filter stays as it is. */
  readonly isSpread: boolean;

  constructor(filter: Shape, [down, across]: readonly number[]) {
    const [height, width, from, to] = filter as [number, number, number, number];
    this.#filter = filter;
    this.#dilations = [down ?? 1, across ?? 1];
    this.isSpread = this.#dilations.some((dilation) => dilation > 1);
    this.shape = [
      (height - 1) * this.#dilations[0] + 1,
      (width - 1) * this.#dilations[1] + 1,
      from,
      to,
    ];
  }

  spread(run: CallRun, filter: Tensor): Tensor {
    if (!this.isSpread) return filter;
    const [height, width, from, to] = this.#filter as [number, number, number, number];
    const [down, across] = this.#dilations;
    const padded = run.kernel(
      "PadV2",
      { x: reshaped(filter, [height, width, 1, from * to]) },
      {
        paddings: [
          [0, 0],
          [0, 0],
          [0, across - 1],
          [0, 0],
        ],
        constantValue: 0,
      },
    );
    const rows = run.kernel(
      "PadV2",
      { x: reshaped(padded, [height, 1, width * across * from * to]) },
      {
        paddings: [
          [0, 0],
          [0, down - 1],
          [0, 0],
        ],
        constantValue: 0,
      },
    );
    return run.kernel(
      "Slice",
      { x: reshaped(rows, [height * down, width * across, from, to]) },
      { begin: [0, 0, 0, 0], size: this.shape },
    );
  }

  /** Only the rows and columns that a spread filter takes from the filter. */
  gathered(run: CallRun, spread: Tensor): Tensor {
    if (!this.isSpread) return spread;
    return run.kernel(
      "StridedSlice",
      { x: spread },
      {
        begin: [0, 0, 0, 0],
        end: this.shape,
        strides: [...this.#dilations, 1, 1],
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      },
    );
  }
}

const conv2dBackpropInput: StockOp = {
  op: "Conv2DBackpropInput",
  kernels: ["Conv2DBackpropInput", "PadV2", "Slice"],
  lower: (call) => {
    const attrs = { ...convolutionAttributes(call), inputShape: shapeOfOutput(call) };
    const spread = new SpreadFilter(shapeOfInput(call, 1), attrs.dilations);
    return (run) => {
      const filter = spread.spread(run, run.input(1));
      return run.kernel("Conv2DBackpropInput", { dy: run.input(0), filter }, attrs);
    };
  },
};

const conv2dBackpropFilter: StockOp = {
  op: "Conv2DBackpropFilter",
  kernels: ["Conv2DBackpropFilter", "StridedSlice"],
  lower: (call) => {
    const attrs = convolutionAttributes(call);
    const spread = new SpreadFilter(shapeOfOutput(call), attrs.dilations);
    const filterShape = spread.shape;
    return (run) => {
      const inputs = { x: run.input(0), dy: run.input(1) };
      const gradient = run.kernel("Conv2DBackpropFilter", inputs, { ...attrs, filterShape });
      return spread.gathered(run, gradient);
    };
  },
};

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
 * The gradient by way of convolutions. A convolution with a filter for each cell of the window, 1 there
 * and 0 elsewhere, lays the window's cells side by side, where ArgMax finds the first maximum; the same
 * filters carry the gradient back. Channels become images of their own.
 */
const maxPoolGradByConvolution: Composition = {
  kernels: [
    "ArgMax",
    "ClipByValue",
    "Conv2D",
    "Conv2DBackpropInput",
    "Multiply",
    "OneHot",
    "PadV2",
    "Transpose",
  ],
  lower: (call) => {
    const shape = shapeOfInput(call, 1);
    const [batch, height, width, channels] = shape as readonly [number, number, number, number];
    const [, down, across] = shapeOfInput(call, 0) as readonly [number, number, number, number];
    const [rows, columns] = listAttribute(call, "filterSize") as readonly [number, number];
    const [top, bottom, left, right] = listAttribute(call, "padding") as readonly [
      number,
      number,
      number,
      number,
    ];
    const cells = rows * columns;
    const images = batch * channels;
    const padded = [images, height + top + bottom, width + left + right, 1];
    const windows = {
      strides: listAttribute(call, "strides"),
      pad: "valid",
      dataFormat: "NHWC",
      dilations: [1, 1],
    };
    const paddings = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    const toImages = (run: CallRun, x: Tensor) =>
      run.kernel("Transpose", { x }, { perm: [0, 3, 1, 2] });
    const eye = () => {
      const values = new Float32Array(cells * cells);
      for (let cell = 0; cell < cells; cell++) values[cell * cells + cell] = 1;
      return { values, shape: [rows, columns, 1, cells] };
    };
    return (run) => {
      const filter = run.constant("cells", eye);
      // Zero times an infinity would be NaN, so the largest numbers stand for them.
      const finite = run.kernel(
        "ClipByValue",
        { x: toImages(run, run.input(1)) },
        { clipValueMin: -LARGEST, clipValueMax: LARGEST },
      );
      const x = run.kernel(
        "PadV2",
        { x: reshaped(finite, [images, height, width, 1]) },
        { paddings, constantValue: -LARGEST },
      );
      const laid = run.kernel("Conv2D", { x, filter }, windows);
      const winners = run.kernel(
        "ArgMax",
        { x: reshaped(laid, [images * down * across, cells]) },
        { axis: 1 },
      );
      const attributes = { depth: cells, onValue: 1, offValue: 0, dtype: "int32" };
      const chosen = run.kernel("OneHot", { indices: winners }, attributes);
      const shares = run.kernel("Multiply", {
        a: run.kernel("Cast", { x: chosen }, { dtype: "float32" }),
        b: reshaped(toImages(run, run.input(0)), [images * down * across, 1]),
      });
      const dx = run.kernel(
        "Conv2DBackpropInput",
        { dy: reshaped(shares, [images, down, across, cells]), filter },
        { ...windows, inputShape: padded },
      );
      const inside = run.kernel(
        "Slice",
        { x: dx },
        { begin: [0, top, left, 0], size: [images, height, width, 1] },
      );
      return run.kernel(
        "Transpose",
        { x: reshaped(inside, [batch, channels, height, width]) },
        { perm: [0, 2, 3, 1] },
      );
    };
  },
};

/** Just below float32's largest number. */
const LARGEST = 3.4e38;

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

export const windowOps: readonly StockOp[] = [
  conv2d,
  fusedConv2d,
  conv2dBackpropInput,
  conv2dBackpropFilter,
  maxPool,
  pool("AvgPool"),
  maxPoolGrad,
  avgPoolGrad,
];
