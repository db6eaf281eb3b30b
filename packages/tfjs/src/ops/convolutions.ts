/** Convolutions and their gradients. */
import {
  type Call,
  listAttribute,
  type Shape,
  shapeOfInput,
  shapeOfOutput,
} from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { paddingOf } from "./padding.js";
import { type CallRun, reshaped, type StockOp } from "./stock-op.js";

/** As stock kernels take them. */
export const convolutionAttributes = (call: Call) => ({
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
export class SpreadFilter {
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

export const convolutionOps: readonly StockOp[] = [
  conv2d,
  fusedConv2d,
  conv2dBackpropInput,
  conv2dBackpropFilter,
];
