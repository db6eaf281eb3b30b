/** Whether a training that was left in the middle may go on: with the options and the data that it began with. */
import { HoneError } from "../errors.js";
import type { TrainOptions } from "./fit-options.js";
import { decidingOptions, type RunOptions, type TrainedOn } from "./training-run.js";

/**
 * Whether what a training is to go on with is what it began with. Left out, options stay as they were; `epochs` may be
 * others.
 * @throws BadArgument naming the option
 */
export function optionsToGoOn(began: RunOptions, given: TrainOptions): RunOptions {
  const { epochs, ...others } = decidingOptions(given);
  for (const [name, value] of Object.entries(others)) {
    const known = began[name as keyof RunOptions];
    if (value === undefined || sameOption(value, known)) continue;
    throw new HoneError(
      "BadArgument",
      name,
      "the training to go on with began with another one. Leave it out, give the one it began with, or say `resume: false` for a new training.",
    );
  }
  const validation = given.validation ?? began.validation;
  return {
    ...began,
    ...(validation !== undefined && { validation }),
    epochs: epochs ?? began.epochs,
  };
}

function sameOption(given: unknown, known: unknown): boolean {
  if (given === known) return true;
  // Data sets are told apart by their content, elsewhere.
  if (isDataset(given) && (isDataset(known) || known === undefined)) return true;
  return JSON.stringify(given) === JSON.stringify(known) && typeof given !== "function";
}

const isDataset = (value: unknown) =>
  typeof value === "object" && value !== null && "columns" in value;

/** @throws BadData where a training would go on with other data than it began with; BadArgument for missing validation */
export function checkSame(began: TrainedOn, now: TrainedOn): void {
  if (began.kind !== now.kind) {
    const what = `the training to go on with was on a ${began.kind === "stream" ? "stream" : "data set"}. Give what it began with, or \`resume: false\` for a new training.`;
    throw new HoneError("BadData", "resume", what);
  }
  if (began.validation && !now.validation) {
    const what = "the training to go on with was validated on a data set. Give it again.";
    throw new HoneError("BadArgument", "validation", what);
  }
  for (const [what, before, after] of [
    ["data set", began, now],
    ["validation data set", began.validation, now.validation],
  ] as const) {
    if (before?.rows === after?.rows && before?.content === after?.content) continue;
    const text = `the ${what} (${after?.rows} rows) is not the one the training began with (${before?.rows} rows, other content). Give that one, or \`resume: false\` for a new training.`;
    throw new HoneError("BadData", "resume", text);
  }
}
