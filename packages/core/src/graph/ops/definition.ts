/** What the op table says of an op. */
import type { Attributes, DataType, Node, Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";

export interface GradientContext {
  readonly builder: GraphWriter;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Gradient of the loss for `output`, of its shape. */
  readonly dOutput: number;
  /** Results beyond the first, and their gradients: undefined where the loss does not depend on them. */
  readonly more: readonly { readonly output: number; readonly dOutput: number | undefined }[];
  readonly attributes: Attributes;
  /** Which inputs a gradient is wanted for. */
  readonly wanted: readonly boolean[];
}

export interface Inferred {
  readonly shape: Shape;
  /** float32 unless given; of all results. */
  readonly dtype?: DataType;
  /** Shapes of the results beyond the first. */
  readonly more?: readonly Shape[];
}

export interface OpDefinition {
  readonly name: string;
  /** Shapes and type of what it gives. @throws ShapeMismatch */
  infer(inputs: readonly Tensor[], attributes: Attributes): Inferred;
  /** A fused op's definition in primitives; gives the id of the result. */
  expand?(builder: GraphWriter, inputs: readonly number[], attributes: Attributes): number;
  /** The same for an op that changes operands or has several results: appends what writes all of `node.outputs`. */
  expandNode?(builder: GraphWriter, node: Node): void;
  /** Floating-point operations; one per element of the result unless said. */
  flops?(inputs: readonly Tensor[], output: Tensor, attributes: Attributes): number;
  /** The result is the input's memory under another shape. */
  readonly alias?: boolean;
  /** The op changes its operands; it has no result of its own and no gradient. */
  readonly inPlace?: boolean;
}

export type Infer = OpDefinition["infer"];

/** Gradients for each input, `undefined` where it is zero or not wanted. */
export type GradientRule = (context: GradientContext) => readonly (number | undefined)[];
export type GradientRules = Readonly<Record<string, GradientRule>>;

/** Ops that belong together, and come together. */
export interface OpFamily {
  readonly ops: readonly OpDefinition[];
  /**
   * By op. One without is piecewise constant (comparisons, ArgMax), or only ever stands after the loss or before the
   * model. Those of ops that every page has stand in gradients/, which comes with what trains.
   */
  readonly gradients?: GradientRules;
}
