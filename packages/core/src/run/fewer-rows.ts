/** Fewer rows at once for what a device has no room for: evaluation and prediction, whose results stay what they were. */
import { HoneError, isHoneError } from "../errors.js";
import { isCutAlike } from "../graph/cut-rows.js";
import type { TracedModel } from "../graph/template.js";
import { fitting } from "./rows-at-once.js";

/**
 * How many rows to ask for next, when `rows` did not fit.
 * @throws `error` itself, unless it is OutOfMemory; OutOfMemory where fewer rows do not help or would change results
 */
export function fewerRows(model: TracedModel, error: unknown, rows: number): number {
  if (!isHoneError(error, "OutOfMemory")) throw error;
  const reason = error.message.replace(/^\[hone\] /, "");
  if (rows === 1) {
    const what = `not even one row fits. Take a smaller model, or a device that gives more. (${reason})`;
    throw new HoneError("OutOfMemory", "session", what, { cause: error });
  }
  if (!isCutAlike(model.inference)) {
    const what = `${rows} rows do not fit, and fewer at once would give other results: rows see each other, or draw random numbers. Give fewer rows, or a smaller \`batchSize\`. (${reason})`;
    throw new HoneError("OutOfMemory", "session", what, { cause: error });
  }
  const fewer = 2 ** (Math.ceil(Math.log2(rows)) - 1);
  fitting.set(model, fewer);
  return fewer;
}
