/** What a traced kernel is: tfjs's inputs and attributes in, tensors of the graph out. */
import type { Shape } from "../../graph/types.js";
import type { Traced, TracedBuilder } from "../traced.js";

export interface KernelCall {
  readonly name: string;
  readonly build: TracedBuilder;
  readonly attributes: Readonly<Record<string, unknown>>;
  input(name: string): Traced;
  optional(name: string): Traced | undefined;
  /** The inputs of a kernel that takes a list. */
  all(): readonly Traced[];
  /** Throws UnsupportedModel, naming the layer. @param what a sentence and what to do, without the last stop */
  refuse(what: string): never;
}

export type Kernel = (call: KernelCall) => Traced | readonly Traced[];
export type Kernels = Readonly<Record<string, Kernel>>;

/** A numeric attribute. */
export function numberAttribute(call: KernelCall, name: string, fallback = 0): number {
  const value = call.attributes[name];
  return typeof value === "number" ? value : fallback;
}

/** Axes as tfjs gives them (one, several, negative, or none for all), ascending and without repeats. */
export function axesOf(axis: unknown, shape: Shape): number[] {
  const rank = shape.length;
  if (axis === undefined || axis === null) return shape.map((_, index) => index);
  const list = Array.isArray(axis) ? (axis as number[]) : [axis as number];
  return [...new Set(list.map((index) => (index < 0 ? index + rank : index)))].sort(
    (a, b) => a - b,
  );
}

/** One axis as tfjs gives it, counted from the front. */
export function axisOf(axis: unknown, rank: number): number {
  const index = typeof axis === "number" ? axis : 0;
  return index < 0 ? index + rank : index;
}
