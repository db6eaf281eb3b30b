/** Compares a device's numbers with the reference's. */
import type { TypedArray } from "@hone/core/backend";
import type { Tolerance } from "./cases/case.js";

/** The smallest normal float32: what is smaller, a device may take for zero. */
const SMALLEST_NORMAL = 1.1754944e-38;
/** Where a float64 rounds to infinity as float32; a device's own error may carry it over a little earlier. */
const NEARLY_INFINITE = 3.4e38;

/**
 * What is wrong with `found`, or undefined.
 * @param wanted the reference's numbers, float64 or int32
 */
export function difference(
  found: TypedArray,
  wanted: TypedArray,
  tolerance: Tolerance,
): string | undefined {
  if (found.length !== wanted.length) {
    return `${found.length} elements instead of ${wanted.length}`;
  }
  const size = tolerance.of === "tensor" ? largest(wanted) : 0;
  let worst: { index: number; excess: number } | undefined;
  for (let index = 0; index < wanted.length; index++) {
    const excess = excessOf(found[index] as number, wanted[index] as number, tolerance, size);
    if (excess > (worst?.excess ?? 0)) worst = { index, excess };
  }
  if (!worst) return undefined;
  const { index } = worst;
  return `element ${index} is ${found[index]} instead of ${wanted[index]} (${describe(tolerance)})`;
}

/** The largest finite absolute value. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) {
    const value = Math.abs(values[index] as number);
    if (value > most && value < Number.POSITIVE_INFINITY) most = value;
  }
  return most;
}

/** The largest |a − b|; infinite when one is NaN or infinite and the other is not the same. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < a.length; index++) {
    const [left, right] = [a[index] as number, b[index] as number];
    if (Object.is(left, right)) continue;
    const apart = Math.abs(left - right);
    if (!(apart <= most)) most = Number.isFinite(apart) ? apart : Number.POSITIVE_INFINITY;
  }
  return most;
}

/** How far beyond the tolerance; 0 when inside. */
function excessOf(found: number, wanted: number, tolerance: Tolerance, size: number): number {
  if (Number.isNaN(wanted)) return Number.isNaN(found) ? 0 : Number.POSITIVE_INFINITY;
  const rounded = Math.fround(wanted);
  if (found === rounded) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(found)) {
    const nearly = Math.abs(wanted) > NEARLY_INFINITE && Math.abs(found) > NEARLY_INFINITE;
    return nearly && Math.sign(found) === Math.sign(wanted) ? 0 : Number.POSITIVE_INFINITY;
  }
  const { absolute, relative, of } = tolerance;
  const allowed = absolute + relative * (of === "tensor" ? size : Math.abs(wanted));
  const apart = Math.abs(found - wanted);
  return apart <= allowed + SMALLEST_NORMAL ? 0 : apart - allowed;
}

function describe({ absolute, relative, of, reason }: Tolerance): string {
  if (absolute === 0 && relative === 0) return `exactly: ${reason}`;
  const size = of === "tensor" ? "the tensor's largest" : "the element";
  return `allowed: ${absolute} + ${relative} of ${size}; ${reason}`;
}
