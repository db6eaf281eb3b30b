/** A tf.LayersModel becomes all that a session knows of it before it has a device. */
import { HoneError } from "./errors.js";
import { sizeOf } from "./graph/geometry.js";
import { type AccuracyKind, accuracyKind, LOSS_NAMES, type LossName } from "./graph/loss.js";
import { adam, type Optimizer } from "./graph/optimizer.js";
import type { LossSpec } from "./graph/steps.js";
import type { TracedModel } from "./graph/template.js";
import type { SessionParts } from "./run/session.js";
import { readCompiledSettings } from "./trace/compiled-settings.js";
import { type OptimizerLike, optimizerOf } from "./trace/optimizer-of.js";
import type { LayersModelLike, LossFunctionLike } from "./trace/tfjs-types.js";
import { traceModel } from "./trace/trace-model.js";
import { readWeights } from "./trace/weights.js";

/** What a model is trained with. */
export interface CaptureOptions {
  /**
   * One of Hone's, one of tf.train's, or a name as `model.compile` takes it. What `model.compile` set, or else Adam
   * with a learning rate of 1e-3.
   */
  readonly optimizer?: Optimizer | OptimizerLike | string;
  /**
   * A name, or a tfjs function of labels and predictions. What `model.compile` set, or else sparse
   * cross-entropy for a model that ends in softmax; any other model needs one.
   */
  readonly loss?: LossName | LossFunctionLike;
  /** Shape of one row's labels, for a loss that is a function; the model's output shape unless given. */
  readonly labelShape?: readonly number[];
  /** Decides shuffles and dropout: an unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

/** A model without a device. */
export type CapturedModel = Pick<SessionParts<never>, "traced" | "weights" | "setup">;

/** All that a session knows of a model before it has a device. @throws as `compile` */
export function captureModel(model: LayersModelLike, options: CaptureOptions): CapturedModel {
  const optimizer =
    options.optimizer === undefined ? undefined : optimizerOf(options.optimizer, "compile");
  const seed = options.seed ?? 0;
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new HoneError(
      "BadArgument",
      "seed",
      `it is ${seed}. Give a whole number from 0 to 2^32 - 1.`,
    );
  }
  const settings = readCompiledSettings(model, {
    optimizer: !optimizer,
    loss: !options.loss,
  });
  const chosen = options.loss ?? settings.loss;
  const traced = traceModel(model, tracedLoss(model, chosen, options.labelShape));
  return {
    traced,
    weights: readWeights(model),
    setup: {
      ...lossSpec(traced, chosen, settings.metrics?.includes("acc") === true),
      optimizer: optimizer ?? settings.optimizer ?? adam(),
      seed,
    },
  };
}

function tracedLoss(
  model: LayersModelLike,
  loss: CaptureOptions["loss"],
  labelShape: readonly number[] | undefined,
) {
  if (typeof loss !== "function") return {};
  const output = model?.outputs?.[0]?.shape.slice(1) ?? [];
  return { customLoss: loss, labelShape: labelShape ?? output.map((extent) => extent ?? 1) };
}

function lossSpec(
  traced: TracedModel,
  loss: CaptureOptions["loss"],
  wantsAccuracy: boolean,
): LossSpec {
  const askedFor = wantsAccuracy ? accuracyOfOutputs(traced) : undefined;
  if (typeof loss === "function") return { loss: "custom", accuracy: askedFor };
  const name = loss ?? (endsInSoftmax(traced) ? "sparseCategoricalCrossentropy" : undefined);
  if (name === undefined) {
    throw new HoneError(
      "BadArgument",
      "compile",
      `the model does not end in softmax, so its loss must be said. Give \`loss\`: ${LOSS_NAMES.join(", ")}, or a function.`,
    );
  }
  if (!LOSS_NAMES.includes(name)) {
    throw new HoneError(
      "BadArgument",
      "compile",
      `there is no loss "${name}". Choose from ${LOSS_NAMES.join(", ")}, or give a function.`,
    );
  }
  return { loss: name, accuracy: accuracyKind(name) ?? askedFor };
}

/** What tfjs's metric "accuracy" means beside a loss that says nothing of classes. */
function accuracyOfOutputs({ training, outputShape }: TracedModel): AccuracyKind | undefined {
  const { graph, customLoss } = training.two;
  const labels = customLoss && graph.tensors[customLoss.labels]?.shape.slice(1);
  if (labels && sizeOf(labels) !== sizeOf(outputShape)) return undefined;
  return (outputShape.at(-1) ?? 1) === 1 ? "binary" : "one-hot";
}

function endsInSoftmax({ inference }: TracedModel): boolean {
  const { graph, output } = inference.two;
  return graph.nodes.some(({ op, outputs }) => op === "Softmax" && outputs.includes(output));
}
