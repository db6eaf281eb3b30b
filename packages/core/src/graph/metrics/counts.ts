/** Sums over a batch, as tensors of [1], and what they are made of. */
import type { GraphBuilder } from "../builder.js";
import { sizeOf } from "../geometry.js";
import { rowsOf } from "../losses/rows.js";
import { reshape } from "../ops/rules.js";

/** The sum of all elements, [1]. */
export function total(builder: GraphBuilder, id: number): number {
  const flat = reshape(builder, id, [sizeOf(builder.shape(id))]);
  return builder.op("Sum", [flat], { axes: [0], keepDims: true });
}

/** One tensor of several, each of one axis. */
export function joined(builder: GraphBuilder, parts: readonly number[]): number {
  return builder.op("Concat", parts, { axis: 0 });
}

/** A number known now, [1]. */
export function known(builder: GraphBuilder, value: number): number {
  return builder.constant(Float64Array.of(value), [1]);
}

/** 1 where both are, else 0. */
export const both = (builder: GraphBuilder, a: number, b: number) => builder.op("Multiply", [a, b]);

/** The output as [rows, columns]. */
export function outputRows(builder: GraphBuilder, output: number): number {
  return reshape(builder, output, rowsOf(builder.shape(output)));
}
