/** What a `RowMap` or a `ColumnMap` works on: one matrix, of which the rows or the columns are reduced. */
import { HoneError, invariant } from "../errors.js";
import { type Expression, operandsOf, readExpression, uniformValues } from "./expression.js";
import { broadcastShape, sizeOf } from "./geometry.js";
import type { Attributes, Shape } from "./types.js";

/**
 * What an input has a number for: each `element`; each result of a reduction (`kept`: a row's own number, say); each
 * place along the reduced axes (`across`: the same for all rows); or `one` for all.
 */
export type Reach = "element" | "kept" | "across" | "one";

export interface ReductionOf {
  readonly expression: Expression;
  /** Of the elements. */
  readonly shape: Shape;
  /** Which are reduced: the last ones of a RowMap, the first ones of a ColumnMap. */
  readonly axes: readonly number[];
  /** Results of a reduction, and elements that go into each. */
  readonly results: number;
  readonly terms: number;
  /** Of each input. */
  readonly reaches: readonly Reach[];
  /** Whether a value is one number for all elements that are reduced together. */
  readonly isReduced: readonly boolean[];
}

/** How many reductions, one behind another, each value waits for. */
export function stagesOf({ instructions }: Expression): readonly number[] {
  const stages: number[] = [];
  for (const instruction of instructions) {
    const before = Math.max(0, ...operandsOf(instruction).map((operand) => stages[operand] ?? 0));
    stages.push(instruction.kind === "reduction" ? before + 1 : before);
  }
  return stages;
}

/** The shape with extent 1 along the reduced axes. */
export const reducedShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));

/** How an operand goes with elements of that shape; undefined where it does in none of the ways there are. */
export function reachOf(own: Shape, shape: Shape, axes: readonly number[]): Reach | undefined {
  if (sizeOf(own) === 1) return "one";
  const missing = shape.length - own.length;
  if (missing < 0) return undefined;
  const full = shape.map((_, axis) => own[axis - missing] ?? 1);
  const across = shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
  if (`${full}` === `${reducedShape(shape, axes)}`) return "kept";
  if (`${full}` === `${across}`) return "across";
  return `${full}` === `${shape}` ? "element" : undefined;
}

/** @throws ShapeMismatch for operands that it cannot take */
export function reductionOf(
  op: string,
  inputs: readonly Shape[],
  attributes: Attributes,
): ReductionOf {
  const expression = readExpression(attributes);
  const axes = attributes.axes as readonly number[];
  invariant(Array.isArray(axes), op, "its axes are missing");
  const shape = inputs.reduce<Shape>((all, own) => broadcastShape(all, own, op), []);
  const first = op === "RowMap" ? shape.length - axes.length : 0;
  const isOrdered = axes.length > 0 && axes.every((axis, index) => axis === first + index);
  invariant(isOrdered, op, `axes [${axes}] of [${shape}] are not at that end`);
  const reaches = inputs.map((own) => {
    const reach = reachOf(own, shape, axes);
    if (reach) return reach;
    const what = `an operand of shape [${own}] goes neither by element, row nor column`;
    throw new HoneError("ShapeMismatch", op, `${what} with [${shape}].`);
  });
  const isReduced = uniformValues(
    expression,
    (input) => reaches[input] === "kept" || reaches[input] === "one",
  );
  const terms = sizeOf(axes.map((axis) => shape[axis] as number));
  return {
    expression,
    shape,
    axes,
    results: terms === 0 ? 0 : sizeOf(shape) / terms,
    terms,
    reaches,
    isReduced,
  };
}
