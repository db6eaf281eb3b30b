/** Means over few repetitions, and how far they can be trusted. */
import { typedErrors } from "@hone/core";

/** A figure over several seeds. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Of one run: the sample's, with n − 1; null for fewer than two. */
  readonly deviation: number | null;
  /** Standard error of the mean: deviation / √n; null for fewer than two. */
  readonly error: number | null;
  readonly least: number;
  readonly most: number;
}

/** The mean of no values is NaN. */
export function spreadOf(values: readonly number[]): Spread {
  return typedErrors("spreadOf", () => {
    const count = values.length;
    const mean = meanOf(values);
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = count < 2 ? null : Math.sqrt(squares / (count - 1));
    const error = deviation === null ? null : deviation / Math.sqrt(count);
    return {
      count,
      mean,
      deviation,
      error,
      least: Math.min(...values),
      most: Math.max(...values),
    };
  });
}

export function meanOf(values: readonly number[]): number {
  return typedErrors("meanOf", () => values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** How two means differ, and what chance alone would explain. */
export interface Difference {
  /** The first mean minus the second. */
  readonly value: number;
  /** Two standard errors of it; null when either has a single run. */
  readonly margin: number | null;
  /** Whether it is larger than the margin; null when there is none. */
  readonly clear: boolean | null;
}

/** Standard errors of independent means add as squares (Welch). */
export function differenceOf(first: Spread, second: Spread): Difference {
  const { error: a } = first;
  const { error: b } = second;
  return judged(first.mean - second.mean, a === null || b === null ? null : 2 * Math.hypot(a, b));
}

/**
 * As `differenceOf`, with the second's deviation standing for both: for a first of very few runs.
 * Two standard errors are then 2 · deviation · √(1/n₁ + 1/n₂).
 */
export function differenceByYardstick(first: Spread, second: Spread): Difference {
  const { deviation } = second;
  const share = Math.sqrt(1 / first.count + 1 / second.count);
  return judged(first.mean - second.mean, deviation === null ? null : 2 * deviation * share);
}

function judged(value: number, margin: number | null): Difference {
  return { value, margin, clear: margin === null ? null : Math.abs(value) > margin };
}
