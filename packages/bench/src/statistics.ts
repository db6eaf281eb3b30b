/** What a handful of measurements come to. No means: one disturbed round must not move a figure. */
import { typedErrors } from "@hone/core";

/** The middle of several figures and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

/** The value below which `share` of the values lie, interpolated between neighbours; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  return typedErrors("quantile", () => {
    const sorted = [...values].sort((one, other) => one - other);
    const place = (sorted.length - 1) * share;
    const below = Math.floor(place);
    const low = sorted[below] ?? Number.NaN;
    const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
    // An infinity must not become NaN where it has no weight.
    return place === below ? low : low + (high - low) * (place - below);
  });
}

/** The middle value, or the mean of the two middle ones; NaN for none. */
export function median(values: readonly number[]): number {
  return typedErrors("median", () => quantile(values, 0.5));
}

/** @returns undefined for no values */
export function spreadOf(values: readonly number[]): Spread | undefined {
  return typedErrors("spreadOf", () => {
    if (values.length === 0) return undefined;
    return {
      median: median(values),
      least: Math.min(...values),
      most: Math.max(...values),
      count: values.length,
    };
  });
}
