/** What the losses and metrics have in common: outputs and labels as rows of columns. */
import { HoneError } from "../../errors.js";
import type { GraphBuilder } from "../builder.js";
import { sizeOf } from "../geometry.js";
import { reshape, scaled } from "../ops/rules.js";
import type { Shape } from "../types.js";

/**
 * tfjs's `epsilon()`, and one less of it, as float32 holds them: on a 64-bit device too, because a
 * probability clipped to 1 − 1e-7 is 1 − 1.19e-7 in tfjs, and its odds 8388607 and not 9999999.
 */
export const EPSILON = Math.fround(1e-7);
export const ONE_LESS_EPSILON = Math.fround(1 - 1e-7);

/** Outputs that are judged together; a model that gives [B] has one a row. */
export const columnsOf = (shape: Shape): number =>
  shape.length > 1 ? (shape.at(-1) as number) : 1;

/** [rows, columns] of an output. */
export function rowsOf(shape: Shape): readonly [rows: number, columns: number] {
  const columns = columnsOf(shape);
  return [sizeOf(shape) / columns, columns];
}

/** The tensor as float32. */
export function float(builder: GraphBuilder, id: number): number {
  return builder.tensor(id).dtype === "float32"
    ? id
    : builder.op("Cast", [id], { dtype: "float32" });
}

/**
 * Labels of the output's size, as float32 [rows, columns].
 * @throws ShapeMismatch
 */
export function labelsLikeOutput(
  builder: GraphBuilder,
  where: string,
  output: number,
  labels: number,
): number {
  const shape = builder.shape(output);
  checkSize(builder, where, output, labels, sizeOf(shape));
  return reshape(builder, float(builder, labels), rowsOf(shape));
}

/**
 * Class labels as int32 [rows]. Numbers are cut to whole ones, as tfjs's `floor` does to those above 0.
 * @throws ShapeMismatch
 */
export function classLabels(
  builder: GraphBuilder,
  where: string,
  output: number,
  labels: number,
): number {
  const [rows] = rowsOf(builder.shape(output));
  checkSize(builder, where, output, labels, rows);
  const whole =
    builder.tensor(labels).dtype === "int32"
      ? labels
      : builder.op("Cast", [labels], { dtype: "int32" });
  return reshape(builder, whole, [rows]);
}

/** A row of zeros with one 1 for each of [rows] class labels, int32: float32 [rows, columns]. */
export function oneHot(builder: GraphBuilder, labels: number, columns: number): number {
  const rows = sizeOf(builder.shape(labels));
  const numbers = builder.constant(
    Int32Array.from({ length: columns }, (_, index) => index),
    [columns],
  );
  return builder.op("Equal", [reshape(builder, labels, [rows, 1]), numbers]);
}

function checkSize(
  builder: GraphBuilder,
  where: string,
  output: number,
  labels: number,
  wanted: number,
): void {
  const shape = builder.shape(labels);
  if (sizeOf(shape) === wanted) return;
  throw new HoneError(
    "ShapeMismatch",
    where,
    `the model gives [${builder.shape(output)}], the data's labels are [${shape}]. Check the last layer's units and the labels' encoding.`,
  );
}

/** Sums along the last of two axes: [rows], or [rows, 1] when kept. */
export function sumOfRow(builder: GraphBuilder, id: number, keepDims = false): number {
  return builder.op("Sum", [id], { axes: [1], keepDims });
}

/** The mean of each row of [rows, columns]: [rows]. */
export function meanOfRow(builder: GraphBuilder, id: number): number {
  const [, columns] = builder.shape(id) as readonly [number, number];
  return scaled(builder, sumOfRow(builder, id), 1 / columns);
}

/** The input of the op that made `id`, when it is `op`: the logits behind a softmax. */
export function behind(builder: GraphBuilder, id: number, op: string): number | undefined {
  const producer = builder.nodes.find((node) => node.outputs.includes(id));
  return producer?.op === op ? producer.inputs[0] : undefined;
}
