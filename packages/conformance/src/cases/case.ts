/**
 * An op case is data, and serves four uses: its value against the reference, its gradient against
 * finite differences, its speed, and whether a device supports it.
 */
import type { Attributes, DataType, Shape } from "@hone/core/internals";

/** How the elements of an input are made. All are float32 or int32 numbers, the same on every machine. */
export type Values =
  /** From the normal distribution, kept 0.02 away from zero, where many functions have a corner. */
  | { readonly kind: "normal"; readonly scale?: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** No two alike: a shuffled row of numbers from -2 to 2. */
  | { readonly kind: "distinct" }
  /** Whole numbers from `low` to below `high`; few of them make many ties. */
  | { readonly kind: "integers"; readonly low: number; readonly high: number }
  /** The list over and over. */
  | { readonly kind: "list"; readonly of: readonly number[] }
  /** A 1 in each row, elsewhere 0. */
  | { readonly kind: "one-hot" }
  /** A permutation of 0, 1, 2, … */
  | { readonly kind: "permutation" };

export interface CaseInput {
  readonly shape: Shape;
  readonly values: Values;
  /** float32 unless given; uint8 goes with `resident`. */
  readonly dtype?: DataType;
  /** A column of a bound data set; `shape` is then [rows, ...row]. */
  readonly resident?: boolean;
  /** Known when the graph is made. */
  readonly constant?: boolean;
}

/** `|found − wanted| ≤ absolute + relative · size`, size being the element's own or its tensor's largest. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
  readonly of: "element" | "tensor";
  readonly reason: string;
}

/** One node of a pattern; inputs count the case's inputs first, then the earlier nodes. */
export interface CaseNode {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly attributes?: Attributes;
  /** How many results it has, each counted as a node; unless given, only its first one counts. */
  readonly results?: number;
}

export interface OpCase {
  readonly op: string;
  /** What is particular about it. */
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly attributes?: Attributes;
  /** A small graph instead of one node of `op`; its last node is compared. */
  readonly nodes?: readonly CaseNode[];
  /** Further nodes of the pattern whose results are compared. */
  readonly alsoCompared?: readonly number[];
  /** How many results the op has, all of them compared; 1 unless given. */
  readonly results?: number;
  /** For an op that works in place: which inputs it changes; they are what is compared. */
  readonly changed?: readonly number[];
  readonly tolerance: Tolerance;
  /**
   * `differences`: finite differences hold, and every backend agrees. `reference`: at a tie or a corner,
   * where there is a convention and no derivative, every backend agrees with the reference.
   */
  readonly gradient?: "differences" | "reference";
  /** The steps to run; one step numbered 3 unless given. */
  readonly range?: { readonly first: number; readonly steps: number };
}

export const exact: Tolerance = {
  absolute: 0,
  relative: 0,
  of: "element",
  reason: "nothing is rounded",
};
export const rounded: Tolerance = {
  absolute: 0,
  relative: 1e-6,
  of: "element",
  reason: "a few roundings; a GPU may divide with 2.5 units in the last place",
};
export const transcendental: Tolerance = {
  absolute: 2e-6,
  relative: 2e-5,
  of: "element",
  reason: "WGSL allows 2^-21 near a zero of log, and 3 + 2·|x| units in the last place for exp",
};
export const summed: Tolerance = {
  absolute: 0,
  relative: 1e-5,
  of: "tensor",
  reason: "hundreds of float32 additions whose terms may cancel",
};

export const normal = (...shape: readonly number[]): CaseInput => ({
  shape,
  values: { kind: "normal" },
});
export const distinct = (...shape: readonly number[]): CaseInput => ({
  shape,
  values: { kind: "distinct" },
});
export const uniform = (low: number, high: number, ...shape: readonly number[]): CaseInput => ({
  shape,
  values: { kind: "uniform", low, high },
});
export const list = (of: readonly number[], ...shape: readonly number[]): CaseInput => ({
  shape: shape.length > 0 ? shape : [of.length],
  values: { kind: "list", of },
});
export const integers = (low: number, high: number, ...shape: readonly number[]): CaseInput => ({
  shape,
  dtype: "int32",
  values: { kind: "integers", low, high },
});
export const wholeFloats = (low: number, high: number, ...shape: readonly number[]): CaseInput => ({
  shape,
  values: { kind: "integers", low, high },
});
