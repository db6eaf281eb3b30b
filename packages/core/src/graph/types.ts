/**
 * The graph: plain data, so that it can be saved, hashed, and sent to a worker.
 *
 * Nodes stand in execution order. Most nodes write fresh tensors; an in-place op (an optimizer, a
 * moving average, a ring) lists the tensor it changes among its inputs and again among its outputs.
 */
import type { TypedArray } from "../typed-array.js";

/** `uint8` exists only for columns of a data set that stay on the device. */
export type DataType = "float32" | "int32" | "uint8";

/**
 * What a tensor is for.
 * - `parameter`: a model's weight, trainable or frozen; lives as long as the session.
 * - `gradient`, `slot`: laid out exactly as the trainable parameters are.
 * - `state`: seed, epoch start, moving statistics, optimizer schedule, batch order.
 * - `input`: written by the host, or (when `resident`) a column of a bound data set.
 * - `constant`: a value known when the graph was made.
 * - `metric`: read by the host: losses, counts, predictions.
 * - `scratch`: everything else; its memory is reused.
 */
export type Role =
  | "parameter"
  | "gradient"
  | "slot"
  | "state"
  | "input"
  | "constant"
  | "metric"
  | "scratch";

/** Extents, the outermost first. */
export type Shape = readonly number[];
export type Attribute = number | string | boolean | readonly number[];
/** An op's settings, as plain data under tfjs's names. */
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Tensor {
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly role: Role;
  /** Unique within a session for every role but `scratch` and `constant`. */
  readonly name?: string;
  /** Values of a `constant`, row-major. */
  readonly value?: TypedArray;
  /** A `parameter` the optimizer moves. */
  readonly trainable?: boolean;
  /** An `input` that is a column of a bound data set; `shape` is then the shape of one row. */
  readonly resident?: boolean;
  /** The block of memory it lies in, beside others of that name; one of its own, or its role's, unless given. */
  readonly block?: string;
  /** A flat view over these tensors, which the plan lays side by side (with padding) in this order. */
  readonly span?: readonly number[];
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly attributes: Attributes;
  /** The layer that asked for it, for errors and `explain`; never part of a key or hash. */
  readonly label?: string;
}

export interface Graph {
  readonly tensors: readonly Tensor[];
  readonly nodes: readonly Node[];
}
