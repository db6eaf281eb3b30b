/** Options of `trainOnBatch`. */
import { TRAIN_OPTIONS, type TrainOptions } from "./fit-options.js";
import { checkOptions, isObject, isRate } from "./options.js";
import type { RowsLike } from "./rows.js";
import { TFJS_BATCH_OPTIONS } from "./tfjs-options.js";

/** Options of one step. */
export interface BatchOptions {
  /** Weights of the rows in the loss: of all outputs, or by output. */
  readonly sampleWeight?: RowsLike | Readonly<Record<string, RowsLike>>;
  /** Weights of the classes in the loss, by output where there are several. */
  readonly classWeight?: TrainOptions["classWeight"];
  /** The optimizer's own unless given. */
  readonly learningRate?: number;
  /** As for `fit`: the rows pass in parts of so many; true, only where all together do not fit. */
  readonly accumulate?: TrainOptions["accumulate"];
}

const BATCH_OPTIONS = {
  sampleWeight: { is: isObject, wanted: "one weight a row" },
  classWeight: { is: isObject, wanted: "{ class: weight, … }" },
  learningRate: { is: isRate, wanted: "a number from 0 on" },
  accumulate: TRAIN_OPTIONS.accumulate,
} as const;

/** @throws BadArgument naming the option */
export function checkBatchOptions(given: unknown): void {
  checkOptions("trainOnBatch", given, BATCH_OPTIONS, TFJS_BATCH_OPTIONS);
}
