/** Reductions over contiguous axes. Terms are added in memory order, in doubles: a fixed order. */
import { reductionExtents } from "@hone/core/backend";
import {
  floatInput,
  floatOutput,
  type KernelFactory,
  type KernelTable,
  listAttribute,
  output,
  shapeOfInput,
} from "./kernel.js";
import { firstMaximum } from "./rows.js";

function reduceKernel(start: number, combine: (sum: number, x: number) => number): KernelFactory {
  return (call, views) => {
    const x = floatInput(call, views, 0);
    const y = floatOutput(call, views);
    const axes = listAttribute(call, "axes");
    const { outer, reduce, inner } = reductionExtents(shapeOfInput(call, 0), axes);
    const results = new Float64Array(inner);
    return () => {
      let at = 0;
      for (let o = 0; o < outer; o++) {
        results.fill(start);
        for (let r = 0; r < reduce; r++) {
          for (let i = 0; i < inner; i++) {
            results[i] = combine(results[i] as number, x[at++] as number);
          }
        }
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
  Sum: reduceKernel(0, (sum, x) => sum + x),
  Max: reduceKernel(Number.NEGATIVE_INFINITY, Math.max),
  Min: reduceKernel(Number.POSITIVE_INFINITY, Math.min),
  ArgMax: argMax,
};
