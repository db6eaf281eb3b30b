/** Sums, extrema and softmax. */
import {
  listAttribute,
  reductionExtents,
  type Shape,
  shapeOfInput,
  sizeOf,
} from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { type CallRun, type Composition, reshaped, type StockOp } from "./stock-op.js";

/** Max calls its axes otherwise than Sum and Min do. */
function reduce(run: CallRun, op: string, x: Tensor, axis: number, keepDims = false): Tensor {
  return run.kernel(op, { x }, { axis: [axis], reductionIndices: [axis], keepDims });
}

/** The reduced axes are neighbours: three axes stand for any rank. */
const reduction = (op: string): StockOp => ({
  op,
  kernels: [op],
  lower: (call) => {
    const axes = listAttribute(call, "axes");
    const { outer, reduce: terms, inner } = reductionExtents(shapeOfInput(call, 0), axes);
    const shape =
      outer === 1 ? [terms, inner] : inner === 1 ? [outer, terms] : [outer, terms, inner];
    return (run) => reduce(run, op, reshaped(run.input(0), shape), outer === 1 ? 0 : 1);
  },
});

const rowsOf = (shape: Shape): [rows: number, columns: number] => {
  const columns = shape.at(-1) ?? 1;
  return [sizeOf(shape) / columns, columns];
};

const argMax: StockOp = {
  op: "ArgMax",
  kernels: ["ArgMax"],
  lower: (call) => {
    const shape = rowsOf(shapeOfInput(call, 0));
    return (run) => run.kernel("ArgMax", { x: reshaped(run.input(0), shape) }, { axis: 1 });
  },
};

/** On webgpu a NaN makes one element of its row NaN, not the row. */
const softmaxKeepingNaN: Composition = {
  kernels: ["Softmax", "IsNan", "Sum", "Greater", "Select", "Add"],
  cornersOnly: true,
  lower: (call) => {
    const [rows, columns] = rowsOf(shapeOfInput(call, 0));
    const filled = (value: number) => () => ({
      values: new Float32Array(rows).fill(value),
      shape: [rows],
    });
    return (run) => {
      const logits = reshaped(run.input(0), [rows, columns]);
      const is = run.kernel(
        "Cast",
        { x: run.kernel("IsNan", { x: logits }) },
        { dtype: "float32" },
      );
      const count = reduce(run, "Sum", is, 1);
      const mark = run.kernel("Select", {
        condition: run.kernel("Greater", { a: count, b: run.scalar(0) }),
        t: run.constant("NaN", filled(Number.NaN)),
        e: run.constant("zeros", filled(0)),
      });
      const shares = run.kernel("Softmax", { logits }, { dim: 1 });
      return run.kernel("Add", { a: shares, b: reshaped(mark, [rows, 1]) });
    };
  },
};

const softmax: StockOp = {
  op: "Softmax",
  kernels: ["Softmax"],
  on: { webgpu: softmaxKeepingNaN },
  lower: (call) => {
    const shape = rowsOf(shapeOfInput(call, 0));
    return (run) => run.kernel("Softmax", { logits: reshaped(run.input(0), shape) }, { dim: 1 });
  },
};

/** Kernels that `shiftedLogits` calls. */
export const SHIFTED_LOGITS_KERNELS = ["Max", "Sub", "Exp", "Sum", "Log"];

/** Logits [rows, columns] less their row's largest, and the logarithm of the sum of their exponentials [rows, 1]. */
export function shiftedLogits(run: CallRun, logits: Tensor): { shifted: Tensor; logSum: Tensor } {
  const shifted = run.kernel("Sub", { a: logits, b: reduce(run, "Max", logits, 1, true) });
  const sum = reduce(run, "Sum", run.kernel("Exp", { x: shifted }), 1, true);
  return { shifted, logSum: run.kernel("Log", { x: sum }) };
}

const logSoftmax: StockOp = {
  op: "LogSoftmax",
  kernels: SHIFTED_LOGITS_KERNELS,
  lower: (call) => {
    const shape = rowsOf(shapeOfInput(call, 0));
    return (run) => {
      const { shifted, logSum } = shiftedLogits(run, reshaped(run.input(0), shape));
      return run.kernel("Sub", { a: shifted, b: logSum });
    };
  },
};

export const reductionOps: readonly StockOp[] = [
  ...["Sum", "Max", "Min"].map(reduction),
  argMax,
  softmax,
  logSoftmax,
];

export { reduce };
