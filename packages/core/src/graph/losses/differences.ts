/**
 * Losses of the distance between an output and a number, a direction or a distribution: tfjs's
 * definitions, in its order of operands, which decides the gradient where a distance is 0.
 * Operands are float32 [rows, columns], results [rows].
 */
import type { GraphBuilder } from "../builder.js";
import { scaled } from "../ops/rules.js";
import { type LossName, type NamedLoss, numberOption } from "./names.js";
import { EPSILON, meanOfRow, sumOfRow } from "./rows.js";

type RowLoss = (
  builder: GraphBuilder,
  prediction: number,
  target: number,
  loss: NamedLoss,
) => number;

/**
 * tfjs clips to [epsilon, Number.MAX_VALUE], and that is infinity in float32. The gradient passes at the
 * bound itself, as it does through a clip.
 */
const atLeastEpsilon = (b: GraphBuilder, id: number) => b.op("Maximum", [id, b.scalar(EPSILON)]);

const meanSquaredError: RowLoss = (b, prediction, target) =>
  meanOfRow(b, b.op("SquaredDifference", [prediction, target]));

const meanAbsoluteError: RowLoss = (b, prediction, target) =>
  meanOfRow(b, b.op("Abs", [b.op("Sub", [prediction, target])]));

const meanAbsolutePercentageError: RowLoss = (b, prediction, target) => {
  const size = atLeastEpsilon(b, b.op("Abs", [target]));
  const share = b.op("RealDiv", [b.op("Sub", [target, prediction]), size]);
  return scaled(b, meanOfRow(b, b.op("Abs", [share])), 100);
};

const meanSquaredLogarithmicError: RowLoss = (b, prediction, target) => {
  const logarithm = (id: number) =>
    b.op("Log", [b.op("Add", [b.scalar(1), atLeastEpsilon(b, id)])]);
  return meanOfRow(b, b.op("SquaredDifference", [logarithm(prediction), logarithm(target)]));
};

/** x + softplus(−2x) − log 2, which is log(cosh x) without overflow. */
const logcosh: RowLoss = (b, prediction, target) => {
  const x = b.op("Sub", [prediction, target]);
  const sum = b.op("Add", [x, b.op("Softplus", [scaled(b, x, -2)])]);
  return meanOfRow(b, b.op("Sub", [sum, b.scalar(Math.LN2)]));
};

/** Half the square up to `delta`, then a line: tf.losses.huberLoss. */
const huber: RowLoss = (b, prediction, target, loss) => {
  const delta = numberOption(loss, "delta");
  const error = b.op("Abs", [b.op("Sub", [target, prediction])]);
  const near = b.op("Minimum", [error, b.scalar(delta)]);
  const square = scaled(b, b.op("Square", [near]), 0.5);
  const line = scaled(b, b.op("Sub", [error, near]), delta);
  return meanOfRow(b, b.op("Add", [square, line]));
};

const poisson: RowLoss = (b, prediction, target) => {
  const logarithm = b.op("Log", [b.op("Add", [b.scalar(EPSILON), prediction])]);
  return meanOfRow(b, b.op("Sub", [prediction, b.op("Multiply", [target, logarithm])]));
};

const kullbackLeiblerDivergence: RowLoss = (b, prediction, target) => {
  const clipped = (id: number) =>
    b.op("ClipByValue", [id], { clipValueMin: EPSILON, clipValueMax: 1 });
  const ratio = b.op("RealDiv", [clipped(target), clipped(prediction)]);
  return sumOfRow(b, b.op("Multiply", [target, b.op("Log", [ratio])]));
};

/** Minus the cosine of the angle between the two rows. */
const cosineProximity: RowLoss = (b, prediction, target) => {
  const unit = (id: number) => {
    const square = sumOfRow(b, b.op("Square", [id]), true);
    return b.op("RealDiv", [id, b.op("Sqrt", [atLeastEpsilon(b, square)])]);
  };
  const product = b.op("Multiply", [unit(target), unit(prediction)]);
  return b.op("Neg", [sumOfRow(b, product)]);
};

/** max(0, 1 − y·p), for labels of −1 and 1. */
function margin(b: GraphBuilder, prediction: number, target: number): number {
  const short = b.op("Sub", [b.scalar(1), b.op("Multiply", [target, prediction])]);
  return b.op("Maximum", [b.scalar(0), short]);
}

const hinge: RowLoss = (b, prediction, target) => meanOfRow(b, margin(b, prediction, target));

const squaredHinge: RowLoss = (b, prediction, target) =>
  meanOfRow(b, b.op("Square", [margin(b, prediction, target)]));

/** max(0, 1 + the largest output of the other classes − that of the label). */
const categoricalHinge: RowLoss = (b, prediction, target) => {
  const right = sumOfRow(b, b.op("Multiply", [target, prediction]));
  const others = b.op("Multiply", [b.op("Sub", [b.scalar(1), target]), prediction]);
  const wrong = b.op("Max", [others], { axes: [1], keepDims: false });
  const short = b.op("Add", [b.scalar(1), b.op("Sub", [wrong, right])]);
  return b.op("Maximum", [b.scalar(0), short]);
};

export const differences = {
  meanSquaredError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredLogarithmicError,
  logcosh,
  huber,
  poisson,
  kullbackLeiblerDivergence,
  cosineProximity,
  hinge,
  squaredHinge,
  categoricalHinge,
} satisfies Partial<Record<LossName, RowLoss>>;
