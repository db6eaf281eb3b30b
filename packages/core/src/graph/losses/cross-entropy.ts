/**
 * The cross-entropies, plain and focal.
 *
 * Where the model ends in the matching activation, softmax or sigmoid, or gives logits, loss and
 * activation are computed together, stable and unclipped. Anywhere else they are tfjs's, step by step,
 * because its steps are odd: categorical divides the outputs by their row's sum, then clips; sparse clips
 * first, and then does what categorical does.
 */
import type { GraphBuilder } from "../builder.js";
import { reshape, scaled } from "../ops/rules.js";
import { isOn, type LossName, type NamedLoss, numberOption, UNBALANCED } from "./names.js";
import {
  behind,
  classLabels,
  EPSILON,
  labelsLikeOutput,
  meanOfRow,
  ONE_LESS_EPSILON,
  oneHot,
  rowsOf,
  sumOfRow,
} from "./rows.js";

/** Of [B, …row, C] outputs: [rows]. */
export type Entropy = (
  builder: GraphBuilder,
  loss: NamedLoss,
  output: number,
  labels: number,
) => number;

/** The logits that `activation` made the output of, or the output where the loss is told it is logits. */
function logitsOf(builder: GraphBuilder, loss: NamedLoss, output: number, activation: string) {
  const logits = isOn(loss, "fromLogits") ? output : behind(builder, output, activation);
  return logits === undefined ? undefined : reshape(builder, logits, rowsOf(builder.shape(output)));
}

const clipped = (builder: GraphBuilder, id: number) =>
  builder.op("ClipByValue", [id], { clipValueMin: EPSILON, clipValueMax: ONE_LESS_EPSILON });

const oneMinus = (builder: GraphBuilder, id: number) => builder.op("Sub", [builder.scalar(1), id]);

/** Moves labels the share s of the way to `middle`: y·(1 − s) + s·middle. */
function smoothed(builder: GraphBuilder, loss: NamedLoss, target: number, middle: number): number {
  const share = numberOption(loss, "labelSmoothing");
  if (share === 0) return target;
  const kept = scaled(builder, target, 1 - share);
  return builder.op("Add", [kept, builder.scalar(share * middle)]);
}

/** Outputs divided by their row's sum, clipped: what tfjs takes the logarithm of. */
function shares(builder: GraphBuilder, output: number): number {
  const total = sumOfRow(builder, output, true);
  return clipped(builder, builder.op("RealDiv", [output, total]));
}

/** −Σ target · log p along each row. */
function surprise(builder: GraphBuilder, target: number, probabilities: number): number {
  const terms = builder.op("Multiply", [target, builder.op("Log", [probabilities])]);
  return builder.op("Neg", [sumOfRow(builder, terms)]);
}

const asRows = (builder: GraphBuilder, output: number) =>
  reshape(builder, output, rowsOf(builder.shape(output)));

const categoricalCrossentropy: Entropy = (builder, loss, output, labels) => {
  const [, columns] = rowsOf(builder.shape(output));
  const given = labelsLikeOutput(builder, `loss ${loss.name}`, output, labels);
  const target = smoothed(builder, loss, given, 1 / columns);
  const logits = logitsOf(builder, loss, output, "Softmax");
  if (logits !== undefined) {
    return builder.op("SoftmaxCrossEntropy", [logits, target], { kind: "one-hot" });
  }
  return surprise(builder, target, shares(builder, asRows(builder, output)));
};

const sparseCategoricalCrossentropy: Entropy = (builder, loss, output, labels) => {
  const [, columns] = rowsOf(builder.shape(output));
  const classes = classLabels(builder, `loss ${loss.name}`, output, labels);
  const target = () => smoothed(builder, loss, oneHot(builder, classes, columns), 1 / columns);
  const logits = logitsOf(builder, loss, output, "Softmax");
  if (logits === undefined) {
    const probabilities = clipped(builder, asRows(builder, output));
    return surprise(builder, target(), shares(builder, probabilities));
  }
  return numberOption(loss, "labelSmoothing") === 0
    ? builder.op("SoftmaxCrossEntropy", [logits, classes], { kind: "sparse" })
    : builder.op("SoftmaxCrossEntropy", [logits, target()], { kind: "one-hot" });
};

/** log(p / (1 − p)), with p clipped. */
function logOdds(builder: GraphBuilder, probabilities: number): number {
  return builder.op("Log", [
    builder.op("RealDiv", [probabilities, oneMinus(builder, probabilities)]),
  ]);
}

/** tfjs's max(x, 0) − x·z + log(1 + e^−|x|), of which the first and the last are softplus. */
function sigmoidCrossEntropy(builder: GraphBuilder, logits: number, target: number): number {
  const normalizer = builder.op("Softplus", [logits]);
  return builder.op("Sub", [normalizer, builder.op("Multiply", [logits, target])]);
}

const binaryCrossentropy: Entropy = (builder, loss, output, labels) => {
  const given = labelsLikeOutput(builder, `loss ${loss.name}`, output, labels);
  const target = smoothed(builder, loss, given, 1 / 2);
  const logits =
    logitsOf(builder, loss, output, "Sigmoid") ??
    logOdds(builder, clipped(builder, asRows(builder, output)));
  return meanOfRow(builder, sigmoidCrossEntropy(builder, logits, target));
};

/** (1 − p)^γ. p stays below 1: a power less than 1 has no slope at 0. */
function modulation(builder: GraphBuilder, loss: NamedLoss, probability: number) {
  const gamma = numberOption(loss, "gamma");
  if (gamma === 0) return undefined;
  const below = builder.op("Minimum", [probability, builder.scalar(ONE_LESS_EPSILON)]);
  const rest = oneMinus(builder, below);
  if (gamma === 1) return rest;
  if (gamma === 2) return builder.op("Square", [rest]);
  return builder.op("Pow", [rest, builder.scalar(gamma)]);
}

const modulated = (builder: GraphBuilder, loss: number, factor: number | undefined) =>
  factor === undefined ? loss : builder.op("Multiply", [factor, loss]);

/** −α Σ y·(1 − p)^γ·log p, as Keras has it (Lin et al., https://arxiv.org/abs/1708.02002). */
const categoricalFocalCrossentropy: Entropy = (builder, loss, output, labels) => {
  const [, columns] = rowsOf(builder.shape(output));
  const given = labelsLikeOutput(builder, `loss ${loss.name}`, output, labels);
  const target = smoothed(builder, loss, given, 1 / columns);
  const logits = logitsOf(builder, loss, output, "Softmax");
  const known = logits === undefined ? shares(builder, asRows(builder, output)) : undefined;
  const logarithm =
    known === undefined ? builder.op("LogSoftmax", [logits as number]) : builder.op("Log", [known]);
  const probability = known ?? builder.op("Exp", [logarithm]);
  const surprises = builder.op("Neg", [builder.op("Multiply", [target, logarithm])]);
  const focal = modulated(builder, surprises, modulation(builder, loss, probability));
  return scaled(builder, sumOfRow(builder, focal), numberOption(loss, "alpha"));
};

/**
 * (1 − q)^γ times the binary cross-entropy, q the probability given to the label; with `alpha` also times
 * α for a label of 1 and 1 − α for a label of 0. As Keras has it.
 */
const binaryFocalCrossentropy: Entropy = (builder, loss, output, labels) => {
  const given = labelsLikeOutput(builder, `loss ${loss.name}`, output, labels);
  const target = smoothed(builder, loss, given, 1 / 2);
  const known = logitsOf(builder, loss, output, "Sigmoid");
  const probability =
    known === undefined
      ? clipped(builder, asRows(builder, output))
      : builder.op("Sigmoid", [known]);
  const entropy = sigmoidCrossEntropy(builder, known ?? logOdds(builder, probability), target);
  const mixed = (yes: number, no: number) =>
    builder.op("Add", [
      builder.op("Multiply", [target, yes]),
      builder.op("Multiply", [oneMinus(builder, target), no]),
    ]);
  const hit = mixed(probability, oneMinus(builder, probability));
  const focal = modulated(builder, entropy, modulation(builder, loss, hit));
  const alpha = numberOption(loss, "alpha");
  if (alpha === UNBALANCED) return meanOfRow(builder, focal);
  const weight = mixed(builder.scalar(alpha), builder.scalar(1 - alpha));
  return meanOfRow(builder, builder.op("Multiply", [weight, focal]));
};

export const entropies = {
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  binaryCrossentropy,
  categoricalFocalCrossentropy,
  binaryFocalCrossentropy,
} satisfies Partial<Record<LossName, Entropy>>;
