/** Reductions over contiguous axes, and softmax along the last one. */
import { listAttribute, reductionExtents, shapeOfInput, sizeOf } from "@hone/core/backend";
import { input, invoke, type Lowering, type LoweringTable, matrixOf, output } from "./lowering.js";

function reduction(kernel: string): Lowering {
  return (call) => {
    const axes = listAttribute(call, "axes");
    const { outer, reduce, inner } = reductionExtents(shapeOfInput(call, 0), axes);
    return [invoke(kernel, input(call, 0), output(call), outer, reduce, inner)];
  };
}

function byRow(kernel: string): Lowering {
  return (call) => {
    if (sizeOf(shapeOfInput(call, 0)) === 0) return [];
    const { rows, columns } = matrixOf(shapeOfInput(call, 0));
    return [invoke(kernel, input(call, 0), output(call), rows, columns)];
  };
}

export const reductionLowerings: LoweringTable = {
  Sum: reduction("reduceSum"),
  Max: reduction("reduceMax"),
  Min: reduction("reduceMin"),
  ArgMax: byRow("argMax"),
  Softmax: byRow("softmax"),
  LogSoftmax: byRow("logSoftmax"),
};
