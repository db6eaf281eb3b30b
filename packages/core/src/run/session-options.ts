/** Options of a session's verbs, and what they may be; those of `fit` have a file of their own. */
import { TRAIN_OPTIONS, type TrainOptions } from "./fit-options.js";
import { isCount, isFunction, isObject, isRate } from "./options.js";
import type { RowsLike } from "./rows.js";

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

export const BATCH_OPTIONS = {
  sampleWeight: { is: isObject, wanted: "one weight a row" },
  classWeight: { is: isObject, wanted: "{ class: weight, … }" },
  learningRate: { is: isRate, wanted: "a number from 0 on" },
  accumulate: TRAIN_OPTIONS.accumulate,
} as const;
export const EVALUATE_OPTIONS = {
  batchSize: { is: isCount, wanted: "a whole number above 0" },
  signal: TRAIN_OPTIONS.signal,
} as const;
export const RECORD_OPTION = {
  onRecord: { is: isFunction, wanted: "a function of a record" },
} as const;
