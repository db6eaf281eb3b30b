/** How many rows pass at once where a device has little room. */
import type { TracedModel } from "../graph/template.js";

/** Rows that once were found to fit, so that more are not asked for each time. */
export const fitting = new WeakMap<TracedModel, number>();

/** As many rows as are worth asking for: `wanted`, or fewer where so many did not fit before. */
export function rowsAtOnce(model: TracedModel, wanted: number): number {
  return Math.min(wanted, fitting.get(model) ?? wanted);
}
