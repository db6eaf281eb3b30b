/** A series of numbers as one line of text. */
import { typedErrors } from "@hone/core";
import { numberText } from "./numbers.js";

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const NOT_FINITE = "×";

/**
 * One character a value, from the lowest bar at the minimum to the highest at the maximum; × for NaN
 * and infinities. More values than `width` are averaged in groups of neighbours.
 */
export function sparkline(values: readonly number[], width = 60): string {
  return typedErrors("sparkline", () => {
    const points = shrink(values, width);
    const finite = points.filter(Number.isFinite);
    const low = Math.min(...finite);
    const range = Math.max(...finite) - low;
    return points
      .map((value) => {
        if (!Number.isFinite(value)) return NOT_FINITE;
        const height = range === 0 ? 0.5 : (value - low) / range;
        return BARS[Math.round(height * (BARS.length - 1))];
      })
      .join("");
  });
}

/**
 * A labelled curve on one line of at most 80 characters: first value, shape, last value, and the
 * range. "no values" for an empty series.
 */
export function curveText(label: string, values: readonly number[]): string {
  return typedErrors("curveText", () => {
    if (values.length === 0) return `${label}  no values`;
    const [first, last] = [values[0] as number, values.at(-1) as number];
    // No spread into Math.min: a series of one value a step is longer than an argument list may be.
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const range = low <= high ? `from ${numberText(low)} to ${numberText(high)}` : "none finite";
    return `${label}  ${numberText(first)} ${sparkline(values, 24)} ${numberText(last)}  (${range})`;
  });
}

function shrink(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * values.length) / width);
    const to = Math.floor(((index + 1) * values.length) / width);
    const group = values.slice(from, to);
    return group.reduce((total, value) => total + value, 0) / group.length;
  });
}
