/** The losses a session trains with by name, and the accuracy that goes with each. */
import type { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";
import { lossTensor } from "./losses/index.js";
import { classLabels, labelsLikeOutput, rowsOf } from "./losses/rows.js";
import { reshape } from "./ops/definition.js";

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
  const losses = lossTensor(builder, { name: loss }, output, labels);
  return reshape(builder, losses, [sizeOf(builder.shape(losses))]);
}

/** Count of right answers, [1]. For `binary` it counts elements, otherwise rows. @throws ShapeMismatch */
export function countCorrect(
  builder: GraphBuilder,
  kind: AccuracyKind,
  output: number,
  labels: number,
): number {
  const shape = rowsOf(builder.shape(output));
  const rows = reshape(builder, output, shape);
  if (kind === "binary") {
    const target = labelsLikeOutput(builder, "accuracy", output, labels);
    const given = builder.op("Greater", [rows, builder.scalar(0.5)]);
    const equal = reshape(builder, builder.op("Equal", [target, given]), [shape[0] * shape[1]]);
    return builder.op("Sum", [equal], { axes: [0], keepDims: true });
  }
  const target =
    kind === "sparse"
      ? classLabels(builder, "accuracy", output, labels)
      : labelsLikeOutput(builder, "accuracy", output, labels);
  return builder.op("CountCorrect", [rows, target], { kind });
}
