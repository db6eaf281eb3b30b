/** Options of `evaluate`. */
import { TRAIN_OPTIONS } from "./fit-options.js";
import { checkOptions } from "./options.js";
import { TFJS_EVALUATE_OPTIONS } from "./tfjs-options.js";

const { batchSize, signal } = TRAIN_OPTIONS;

/** @throws BadArgument naming the option */
export function checkEvaluateOptions(given: unknown): void {
  checkOptions("evaluate", given, { batchSize, signal }, TFJS_EVALUATE_OPTIONS);
}
