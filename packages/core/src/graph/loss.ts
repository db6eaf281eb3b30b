/**
 * Named losses and the accuracy that goes with each, on the graph.
 *
 * A loss looks through the activation that ends the model: softmax or sigmoid and their cross-entropy
 * are computed together from the logits, stable and unclipped (tfjs clips probabilities to 1e-7).
 */
import { HoneError } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";
import { reshape, scaled } from "./ops/definition.js";
import type { Shape } from "./types.js";

export const LOSS_NAMES = [
  "sparseCategoricalCrossentropy",
  "categoricalCrossentropy",
  "binaryCrossentropy",
  "meanSquaredError",
  "meanAbsoluteError",
] as const;
export type LossName = (typeof LOSS_NAMES)[number];

/** How labels are compared with outputs for the accuracy; undefined for a regression. */
export type AccuracyKind = "sparse" | "one-hot" | "binary";

export function accuracyKind(loss: LossName): AccuracyKind | undefined {
  if (loss === "sparseCategoricalCrossentropy") return "sparse";
  if (loss === "categoricalCrossentropy") return "one-hot";
  return loss === "binaryCrossentropy" ? "binary" : undefined;
}

/** The result of the op that made `id`, when it is `op`: the logits behind a softmax. */
function behind(builder: GraphBuilder, id: number, op: string): number | undefined {
  const producer = builder.maker(id);
  return producer?.op === op ? producer.inputs[0] : undefined;
}

/** Outputs that are judged together; a model that gives [B] has one a row. */
const columnsOf = (shape: Shape) => (shape.length > 1 ? (shape.at(-1) as number) : 1);

function meanOfRow(builder: GraphBuilder, id: number, row: number): number {
  const sum = builder.op("Sum", [id], { axes: [1], keepDims: false });
  return scaled(builder, sum, 1 / row);
}

/**
 * One loss per example.
 * @param output [B, ...row, C] the model's output @param labels sparse: [B, ...row]; else the output's size
 * @returns [rows], rows = size / C @throws ShapeMismatch
 */
export function exampleLosses(
  builder: GraphBuilder,
  loss: LossName,
  output: number,
  labels: number,
): number {
  const shape = builder.shape(output);
  const columns = columnsOf(shape);
  const flat = [sizeOf(shape) / columns, columns];
  const wanted = loss === "sparseCategoricalCrossentropy" ? flat[0] : sizeOf(shape);
  if (sizeOf(builder.shape(labels)) !== wanted) {
    throw new HoneError(
      "ShapeMismatch",
      `loss ${loss}`,
      `the model gives [${shape}], the data's labels are [${builder.shape(labels)}]. Check the last layer's units and the labels' encoding.`,
    );
  }
  const rows = (id: number) => reshape(builder, id, flat);

  if (loss === "sparseCategoricalCrossentropy" || loss === "categoricalCrossentropy") {
    const kind = loss === "categoricalCrossentropy" ? "one-hot" : "sparse";
    const logits = behind(builder, output, "Softmax");
    // Probabilities that do not come from a softmax: their logarithms are logits that sum to one.
    const fromOutput = () =>
      builder.op("Log", [
        builder.op("ClipByValue", [output], { clipValueMin: 1e-7, clipValueMax: 1 }),
      ]);
    const target = kind === "sparse" ? reshape(builder, labels, [flat[0] as number]) : rows(labels);
    return builder.op("SoftmaxCrossEntropy", [rows(logits ?? fromOutput()), target], { kind });
  }
  const target = rows(labels);
  if (loss === "binaryCrossentropy") {
    const known = behind(builder, output, "Sigmoid");
    const logits = rows(known ?? logit(builder, output));
    const losses = builder.op("Sub", [
      builder.op("Softplus", [logits]),
      builder.op("Multiply", [logits, target]),
    ]);
    return meanOfRow(builder, losses, columns);
  }
  const prediction = rows(output);
  const errors =
    loss === "meanSquaredError"
      ? builder.op("SquaredDifference", [prediction, target])
      : builder.op("Abs", [builder.op("Sub", [prediction, target])]);
  return meanOfRow(builder, errors, columns);
}

/** log(p / (1 − p)), with p kept inside [1e-7, 1 − 1e-7]. */
function logit(builder: GraphBuilder, probabilities: number): number {
  const clipped = builder.op("ClipByValue", [probabilities], {
    clipValueMin: 1e-7,
    clipValueMax: 1 - 1e-7,
  });
  const odds = builder.op("RealDiv", [clipped, builder.op("Sub", [builder.scalar(1), clipped])]);
  return builder.op("Log", [odds]);
}

/** Count of right answers, [1]. For `binary` it counts elements, otherwise rows. */
export function countCorrect(
  builder: GraphBuilder,
  kind: AccuracyKind,
  output: number,
  labels: number,
): number {
  const shape = builder.shape(output);
  const columns = columnsOf(shape);
  const rows = sizeOf(shape) / columns;
  const target = reshape(builder, labels, kind === "sparse" ? [rows] : [rows, columns]);
  return builder.op("CountCorrect", [reshape(builder, output, [rows, columns]), target], { kind });
}
