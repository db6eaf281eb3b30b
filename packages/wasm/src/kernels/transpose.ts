/** `Transpose`: matrices by squares, all else as a strided copy. */
import { listAttribute, shapeOfOutput } from "@hone/core/kernels";
import { foldAxes } from "./axes.js";
import { invoke, type Lowering } from "./lowering.js";
import { copy, sidesOf } from "./shape.js";

/** Rows of a matrix that are turned as one unit: STRIP of assembly/copy.ts. */
const STRIP = 16;

export const transpose: Lowering = (call) => {
  const { from, to } = sidesOf(call);
  const shape = shapeOfOutput(call);
  const strides = listAttribute(call, "perm").map((axis) => from.strides[axis] as number);
  const [inner, outer, batch, ...more] = foldAxes(shape, [strides, to.strides], 3);
  const isMatrix =
    inner &&
    outer &&
    batch &&
    more.length === 0 &&
    outer.steps[0] === 1 &&
    inner.steps[0] === outer.extent;
  const isBatch = batch?.extent === 1 || batch?.steps[0] === batch?.steps[1];
  if (isMatrix && isBatch && inner.extent > 1) {
    const [rows, columns] = [inner.extent, outer.extent];
    const units = batch.extent * Math.ceil(rows / STRIP);
    return [invoke("arrays/transposeMatrix", units, from.operand, to.operand, rows, columns)];
  }
  return copy(shape, { ...from, strides }, to);
};
