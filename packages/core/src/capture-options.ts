/** What a tf.LayersModel is trained with, as `compile` and the choosers take it; of tfjs only the types. */
import type { Optimizer } from "./graph/optimizer.js";
import { isAnything, isObject, type OtherNames } from "./run/options.js";
import type { LossChoice, MetricChoice } from "./trace/judging.js";
import type { OptimizerLike } from "./trace/optimizer-of.js";

/** A shape, or one for each of several ports by name. */
export type ShapeChoice = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** What a model is trained with. */
export interface CaptureOptions {
  /**
   * One of Hone's, one of tf.train's, or a name as `model.compile` takes it. What `model.compile` set, or else Adam
   * with a learning rate of 1e-3.
   */
  readonly optimizer?: Optimizer | OptimizerLike | string;
  /**
   * What `model.compile` set, or else sparse cross-entropy for a model of one output that ends in softmax; any other
   * model needs one.
   */
  readonly loss?: LossChoice;
  /** Weights of the outputs' losses, in the model's order or by name; 1 unless given. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /**
   * Told of each epoch and by `evaluate`. What `model.compile` set; unless either is given, accuracy for outputs
   * whose loss takes classes.
   */
  readonly metrics?: MetricChoice;
  /**
   * Shape of one row's labels, for losses and metrics that are functions; the output's shape unless given, and [1]
   * beside a loss that takes class indices.
   */
  readonly labelShape?: ShapeChoice;
  /** Shape of one row of the input, where the model leaves extents free; else taken from the data. */
  readonly inputShape?: ShapeChoice;
  /** Decides shuffles, dropout and what randomNormal and randomUniform draw: an unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

/** What `CaptureOptions` may be. */
export const CAPTURE_OPTIONS = {
  optimizer: { is: isAnything, wanted: "an optimizer" },
  loss: { is: isAnything, wanted: "a loss" },
  lossWeights: { is: isObject, wanted: "a list, or a record by output" },
  metrics: { is: isAnything, wanted: "metrics" },
  labelShape: { is: isObject, wanted: "a shape, or shapes by output" },
  inputShape: { is: isObject, wanted: "a shape, or shapes by input" },
  seed: { is: isAnything, wanted: "a whole number" },
} as const;

/** What people look for in `compile` that is elsewhere. */
export const TFJS_COMPILE_OPTIONS: OtherNames = {
  sampleWeightMode: "Weights are one a row: dataset({ x, y, sampleWeights })",
  weightedMetrics: "Metrics are not weighted, as in tfjs",
  learningRate: "Give it to the optimizer, adam(1e-3), or to `fit`",
  epochs: "Give it to `fit`",
  batchSize: "Give it to `fit`",
};
