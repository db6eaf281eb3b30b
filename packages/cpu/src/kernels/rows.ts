/** What kernels that look at one row of classes share. */
import type { Floats } from "./kernel.js";

/** Index of the first maximum. NaN is greater than nothing: it wins only as the first element. */
export function firstMaximum(x: Floats, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) {
    if ((x[start + i] as number) > (x[start + best] as number)) best = i;
  }
  return best;
}

/** Σ exp(x − shift) over a row. */
export function sumOfExponentials(x: Floats, start: number, length: number, shift: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += Math.exp((x[i] as number) - shift);
  return sum;
}
