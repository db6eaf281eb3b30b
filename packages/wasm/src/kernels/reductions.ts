/** Reductions over contiguous axes, and what is done row by row. */
import { listAttribute, reductionExtents, shapeOfInput, sizeOf } from "@hone/core/kernels";
import { input, invoke, type Lowering, matrixOf, output, Workspace } from "./lowering.js";

/** Adjacent results that are one unit: COLUMNS of assembly/reduce.ts. */
const COLUMNS = 16;
/** So many units keep any number of threads busy. */
const ENOUGH_UNITS = 16;
/** The least that is worth a unit of its own and a second call. */
const LEAST_TERMS = 256;
const LEAST_ELEMENTS = 4096;

/** Terms that are reduced as one unit: all, or fewer where there are too few results to share out. */
function termsOf(reduce: number, inner: number, units: number): number {
  const least = Math.max(LEAST_TERMS, Math.ceil(LEAST_ELEMENTS / inner));
  const chunks = Math.min(Math.floor(ENOUGH_UNITS / units), Math.floor(reduce / least));
  return chunks > 1 ? Math.ceil(reduce / chunks) : reduce;
}

/** @param combining what adds up partial results, for which `kernel` itself may not do */
export function reduction(kernel: string, combining = kernel): Lowering {
  return (call) => {
    const axes = listAttribute(call, "axes");
    const { outer, reduce, inner } = reductionExtents(shapeOfInput(call, 0), axes);
    const units = outer * Math.ceil(inner / COLUMNS);
    if (units === 0) return [];
    const inputs = call.inputs.map((_, index) => input(call, index));
    const y = output(call);
    const terms = termsOf(reduce, inner, units);
    if (terms === reduce) return [invoke(kernel, units, ...inputs, y, reduce, inner, 1, reduce)];
    const chunks = Math.ceil(reduce / terms);
    const partials = new Workspace("shared").take(4 * outer * chunks * inner);
    return [
      invoke(kernel, units * chunks, ...inputs, partials, reduce, inner, chunks, terms),
      invoke(combining, units, partials, y, chunks, inner, 1, chunks),
    ];
  };
}

export function byRow(kernel: string): Lowering {
  return (call) => {
    if (sizeOf(shapeOfInput(call, 0)) === 0) return [];
    const { rows, columns } = matrixOf(shapeOfInput(call, 0));
    return [invoke(kernel, rows, input(call, 0), output(call), columns)];
  };
}
