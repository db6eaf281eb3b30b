/** How figures are written in every table and line. */
import { typedErrors } from "@hone/core";

/** A fraction as a percentage with two decimals; "–" for what has no value (0 of 0). */
export function percentText(fraction: number): string {
  return typedErrors("percentText", () => {
    return Number.isFinite(fraction) ? `${(100 * fraction).toFixed(2)} %` : "–";
  });
}

/**
 * A number in few characters: whole ones with thousands separators, others with four significant
 * digits; NaN and infinities by name.
 */
export function numberText(value: number): string {
  return typedErrors("numberText", () => {
    if (!Number.isFinite(value)) return `${value}`;
    if (Number.isInteger(value) || Math.abs(value) >= 10_000) {
      return Math.round(value)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",");
    }
    const magnitude = Math.abs(value);
    if (magnitude < 1e-4) return value.toExponential(3);
    return magnitude < 1 ? value.toFixed(4) : value.toPrecision(4);
  });
}
