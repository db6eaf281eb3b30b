/**
 * Rows of a table by number, and rows added up by number. The stock kernels throw at a number outside, or read what lies
 * there: so it becomes the first row's, and what was gathered is replaced; or that of a row behind the others, which is
 * cut off.
 */
import { numberAttribute, shapeOfInput, shapeOfOutput, sizeOf } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { type CallRun, flat, reshaped, type StockOp } from "./stock-op.js";

interface Numbers {
  /** Those of input 1, but for those outside, which are `other`. */
  readonly indices: Tensor;
  /** For each, whether it is one of the table's. */
  readonly inside: Tensor;
}

const COMPARED = ["GreaterEqual", "Less", "LogicalAnd", "Select"];

function numbersOf(run: CallRun, rows: number, other: number): Numbers {
  const floats = run.kernel("Cast", { x: flat(run.input(1)) }, { dtype: "float32" });
  const above = run.kernel("GreaterEqual", { a: floats, b: run.scalar(0) });
  const below = run.kernel("Less", { a: floats, b: run.scalar(rows) });
  const inside = run.kernel("LogicalAnd", { a: above, b: below });
  const e = filled(run, "other", sizeOf(floats.shape), other);
  const kept = run.kernel("Select", { condition: inside, t: floats, e });
  return { inside, indices: run.kernel("Cast", { x: kept }, { dtype: "int32" }) };
}

const filled = (run: CallRun, name: string, size: number, value: number): Tensor =>
  run.constant(name, () => ({ values: new Float32Array(size).fill(value), shape: [size] }));

const gather: StockOp = {
  op: "Gather",
  kernels: [...COMPARED, "GatherV2", "Tile"],
  lower: (call) => {
    const [rows, ...row] = shapeOfInput(call, 0) as readonly [number, ...number[]];
    const [count, length] = [sizeOf(shapeOfInput(call, 1)), sizeOf(row)];
    const shape = shapeOfOutput(call);
    const outside = call.attributes.outside === "zero" ? 0 : Number.NaN;
    return (run) => {
      const { inside, indices } = numbersOf(run, rows, 0);
      const x = reshaped(run.input(0), [rows, length]);
      const t = flat(run.kernel("GatherV2", { x, indices }, { axis: 0, batchDims: 0 }));
      const each = run.kernel("Tile", { x: reshaped(inside, [count, 1]) }, { reps: [1, length] });
      const e = filled(run, "outside", count * length, outside);
      return reshaped(run.kernel("Select", { condition: flat(each), t, e }), shape);
    };
  },
};

const unsortedSegmentSum: StockOp = {
  op: "UnsortedSegmentSum",
  kernels: [...COMPARED, "ScatterNd"],
  lower: (call) => {
    const ids = shapeOfInput(call, 1);
    const [count, length] = [sizeOf(ids), sizeOf(shapeOfInput(call, 0).slice(ids.length))];
    const segments = numberAttribute(call, "numSegments");
    const output = shapeOfOutput(call);
    return (run) => {
      const places = reshaped(numbersOf(run, segments, segments).indices, [count, 1]);
      const updates = reshaped(run.input(0), [count, length]);
      const shape = [segments + 1, length];
      const x = run.kernel("ScatterNd", { indices: places, updates }, { shape });
      const begin = [0, 0];
      return reshaped(run.kernel("Slice", { x }, { begin, size: [segments, length] }), output);
    };
  },
};

export const gatherOps: readonly StockOp[] = [gather, unsortedSegmentSum];
