/** What the rules of the op table write on: a graph under way, without the means to change what stands. */
import type { TypedArray } from "../typed-array.js";
import type { Attributes, Shape, Tensor } from "./types.js";

export interface GraphWriter {
  tensor(id: number): Tensor;
  shape(id: number): Shape;
  /** A scalar constant, shape []; the same value is stored once. */
  scalar(value: number): number;
  /** A value known now; row-major. */
  constant(value: TypedArray, shape: Shape): number;
  /** Appends a node and returns its single result. @throws ShapeMismatch, UnsupportedModel */
  op(name: string, inputs: readonly number[], attributes?: Attributes): number;
  /** Appends a node that writes its result into an existing tensor of the same shape. */
  opInto(name: string, inputs: readonly number[], output: number, attributes?: Attributes): void;
}
