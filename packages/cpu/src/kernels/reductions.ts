/** Reductions over contiguous axes. Terms are added in memory order, in doubles: a fixed order. */
import { listAttribute, reductionExtents, shapeOfInput } from "@hone/core/backend";
import {
  type Floats,
  floatInput,
  floatOutput,
  type KernelFactory,
  type KernelTable,
  output,
} from "./kernel.js";
import { firstMaximum } from "./rows.js";

/** Takes the next term of every result: `x[at]` for the first, the following ones for the others. */
type Accumulate = (results: Float64Array, x: Floats, at: number) => void;

const addTerms: Accumulate = (sums, x, at) => {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (x[at + i] as number);
};

const keepLarger: Accumulate = (most, x, at) => {
  for (let i = 0; i < most.length; i++) {
    most[i] = Math.max(most[i] as number, x[at + i] as number);
  }
};

const keepSmaller: Accumulate = (least, x, at) => {
  for (let i = 0; i < least.length; i++) {
    least[i] = Math.min(least[i] as number, x[at + i] as number);
  }
};

function reduceKernel(start: number, accumulate: Accumulate): KernelFactory {
  return (call, views) => {
    const x = floatInput(call, views, 0);
    const y = floatOutput(call, views);
    const axes = listAttribute(call, "axes");
    const { outer, reduce, inner } = reductionExtents(shapeOfInput(call, 0), axes);
    const results = new Float64Array(inner);
    return () => {
      for (let o = 0; o < outer; o++) {
        results.fill(start);
        for (let r = 0; r < reduce; r++) accumulate(results, x, (o * reduce + r) * inner);
        y.set(results, o * inner);
      }
    };
  };
}

const argMax: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const y = output(call, views);
  const columns = shapeOfInput(call, 0).at(-1) ?? 1;
  const rows = y.length;
  return () => {
    for (let row = 0; row < rows; row++) y[row] = firstMaximum(x, row * columns, columns);
  };
};

export const reductionKernels: KernelTable = {
  Sum: reduceKernel(0, addTerms),
  Max: reduceKernel(Number.NEGATIVE_INFINITY, keepLarger),
  Min: reduceKernel(Number.POSITIVE_INFINITY, keepSmaller),
  ArgMax: argMax,
};
