/** Options of `fit` and `steps`: Hone's, and those of tfjs's `fit` that have a meaning here. */
import { HoneError } from "../errors.js";
import type { Augment } from "../graph/augment.js";
import { CHECKPOINTS_OPTION, type CheckpointOptions } from "./checkpoint-options.js";
import type { Dataset } from "./dataset.js";
import type { EarlyStopping } from "./early-stopping.js";
import {
  checkOptions,
  isBoolean,
  isCount,
  isFunction,
  isObject,
  isRate,
  type Option,
  type OtherNames,
  SIGNAL_OPTION,
} from "./options.js";
import { checkedSchedule, type RateFunction, type Schedule } from "./schedule.js";

/** Weights by class index: `{ 0: 1, 1: 2.5 }`, or a list in the classes' order. */
export type ClassWeight = Readonly<Record<number, number>> | readonly number[];

/** What `fit` and `steps` take. */
export interface TrainOptions {
  /** 10 unless given. */
  readonly epochs?: number;
  /** Rows of a step, 64 unless given; a stream's batches are as they come. */
  readonly batchSize?: number;
  /** A fraction of the data (its last part, as in tfjs; 0 means none), or a data set. */
  readonly validation?: number | Dataset;
  /** Ends training with Aborted; the weights are then those after the last step. */
  readonly signal?: AbortSignal;
  /** Draw a new order every epoch; true unless said otherwise. */
  readonly shuffle?: boolean;
  /**
   * A rate, a schedule, or a function that gives the rate of a step (from 0, over all epochs of `epochs`); the
   * optimizer's own unless given.
   */
  readonly learningRate?: number | Schedule | RateFunction;
  /** Ends training that no longer gets better, and restores the best weights; true for `val_loss`, else `loss`. */
  readonly earlyStopping?: EarlyStopping | boolean;
  /** Weights of the classes in the loss; by output, or in the model's order, where there are several. Validation has none, as in tfjs. */
  readonly classWeight?:
    | ClassWeight
    | Readonly<Record<string, ClassWeight>>
    | readonly (ClassWeight | null)[];
  /**
   * Changes the training images anew in every step, on the device, the same way on every backend;
   * validation sees them as they are. None unless given.
   */
  readonly augment?: Partial<Augment>;
  /**
   * A number: the rows of a batch pass in parts of so many, whose gradients add up to that of the whole before the
   * weights move once. True: only where the batch does not fit in memory, in the largest parts that do.
   */
  readonly accumulate?: boolean | number;
  /** Of a stream: steps of an epoch, which then goes on where the one before ended; all there are unless given. */
  readonly batchesPerEpoch?: number;
  /** Milliseconds between two progress records, about; 150 unless given. */
  readonly progressMs?: number;
  /**
   * True goes on with the training that was left in the middle, by `break` or an abort, or with the one in the
   * checkpoint that the session was made from; false begins a new one. Unless given, a session made from a checkpoint
   * goes on with what that was in the middle of (with nothing to do, if that was over and no more epochs are wanted), and
   * any other begins a new training. Options that are left out are
   * those the training began with.
   */
  readonly resume?: boolean;
  /** Where to keep checkpoints while it trains; nowhere unless given. */
  readonly checkpoints?: CheckpointOptions;
}

const isFraction = (value: unknown) => typeof value === "number" && value >= 0 && value < 1;

export const TRAIN_OPTIONS: Readonly<Record<keyof TrainOptions, Option>> = {
  epochs: { is: isCount, wanted: "a whole number above 0" },
  batchSize: { is: isCount, wanted: "a whole number above 0" },
  validation: {
    is: (value) => isFraction(value) || isObject(value),
    wanted: "a fraction from 0 up to 1, or a data set",
  },
  signal: SIGNAL_OPTION,
  shuffle: { is: isBoolean, wanted: "true or false" },
  learningRate: {
    is: (value) => isFunction(value) || isObject(value) || isRate(value),
    wanted: "a number from 0 on, a schedule, or a function of the step",
  },
  earlyStopping: {
    is: (value) => isBoolean(value) || isObject(value),
    wanted: "true, or { monitor, patience, minDelta }",
  },
  classWeight: { is: isObject, wanted: "{ class: weight, … }" },
  augment: { is: isObject, wanted: "{ shift, flip }" },
  accumulate: {
    is: (value) => isBoolean(value) || isCount(value),
    wanted: "true, or a whole number of rows above 0",
  },
  batchesPerEpoch: { is: isCount, wanted: "a whole number above 0" },
  progressMs: {
    is: (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
    wanted: "milliseconds, from 0",
  },
  resume: { is: isBoolean, wanted: "true or false" },
  checkpoints: CHECKPOINTS_OPTION,
};

/** What tfjs's `trainOnBatch`, or a typing error, asks for. */
export const TFJS_BATCH_OPTIONS: OtherNames = {
  sampleWeights: "For one batch it is `sampleWeight`",
  classWeights: "tfjs and Hone call it `classWeight`",
};

/** What tfjs's `evaluate` takes. */
export const TFJS_EVALUATE_OPTIONS: OtherNames = {
  verbose: "Hone prints nothing by itself",
  steps: "Give a smaller data set: takeRows(data, 0, n)",
  sampleWeight: "Give them with the data: dataset({ x, y, sampleWeights })",
};

/** What tfjs's `fit` takes and Hone's does not, or under another name. */
export const TFJS_FIT_OPTIONS: OtherNames = {
  validationSplit: "Hone calls it `validation`: give the fraction there",
  validationData: "Hone calls it `validation`: give a data set there",
  callbacks: "Use `onRecord`, or iterate over `session.steps(…)`",
  sampleWeight: "Give them with the data: dataset({ x, y, sampleWeights })",
  sampleWeights: "Give them with the data: dataset({ x, y, sampleWeights })",
  restoreBestWeights: "Early stopping always restores the best weights",
  epoch: "Hone, as tfjs, calls it `epochs`",
  initialEpoch:
    "A second call of `fit` goes on from where the first ended; `resume` goes on in the middle",
  stepsPerEpoch: "Give `fit` an async iterable of batches for epochs of another length",
  validationSteps: "Give a smaller `validation` data set",
  validationBatchSize: "`evaluate` takes a `batchSize`",
  verbose: "Hone prints nothing by itself; use `onRecord`",
  yieldEvery: "Hone never holds up the calling thread; leave it out",
  patience: "Give it as `earlyStopping: { patience }`",
  monitor: "Give it as `earlyStopping: { monitor }`",
};

/**
 * Checks options, and takes those of tfjs that mean the same here.
 * @param more options that the caller knows beside these
 * @throws BadArgument naming the option
 */
export function trainOptions(
  where: string,
  given: unknown,
  more: Readonly<Record<string, Option>> = {},
): TrainOptions {
  const own = taken(given);
  checkOptions(where, own, { ...TRAIN_OPTIONS, ...more }, TFJS_FIT_OPTIONS);
  const options = (own ?? {}) as TrainOptions;
  if (options.learningRate !== undefined) checkedSchedule(options.learningRate);
  if (options.checkpoints && typeof options.learningRate === "function") {
    const what =
      "the learning rate is a function, which no checkpoint can hold. Give a schedule: oneCycle, cosineDecay, piecewise …";
    throw new HoneError("BadArgument", "checkpoints", what);
  }
  return options;
}

/** `validationSplit` and `validationData` mean just what `validation` does. */
function taken(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const { validationSplit, validationData, ...rest } = given as Record<string, unknown>;
  const named = [rest.validation, validationSplit, validationData].filter(
    (value) => value !== undefined && value !== null,
  );
  if (named.length > 1) {
    const what =
      "validation is given in several ways. Give one of `validation`, `validationSplit`, `validationData`";
    throw new HoneError("BadArgument", "fit", `${what}.`);
  }
  if (validationSplit === undefined && validationData === undefined) return given;
  return { ...rest, validation: named[0] };
}
