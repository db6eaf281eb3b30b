/** Options of `fit` and `steps`: Hone's, and those of tfjs's `fit` that have a meaning here. */
import type { Augment } from "../graph/augment.js";
import { CHECKPOINTS_OPTION, type CheckpointOptions } from "./checkpoint-options.js";
import type { Dataset } from "./dataset.js";
import type { EarlyStopping } from "./early-stopping.js";
import {
  isBoolean,
  isCount,
  isFunction,
  isObject,
  isRate,
  type Option,
  SIGNAL_OPTION,
} from "./options.js";
import type { RateFunction, Schedule } from "./schedule.js";

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
  /**
   * Layers that do not train, below all that do and with nothing random in them, are computed once for each row and not
   * once in each step, where there is room for what they give and no `augment`; false computes them in each step.
   */
  readonly frozenFront?: boolean;
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
  frozenFront: { is: isBoolean, wanted: "true or false" },
  batchesPerEpoch: { is: isCount, wanted: "a whole number above 0" },
  progressMs: {
    is: (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
    wanted: "milliseconds, from 0",
  },
  resume: { is: isBoolean, wanted: "true or false" },
  checkpoints: CHECKPOINTS_OPTION,
};
