/** What the op table says of an op, and the few helpers its rules share. */
import { HoneError } from "../../errors.js";
import { reductionExtents, sizeOf } from "../geometry.js";
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
  /**
   * Gradients for each input, `undefined` where it is zero or not wanted. An op without this rule is
   * piecewise constant (comparisons, ArgMax), or only ever stands after the loss or before the model.
   */
  gradient?(context: GradientContext): readonly (number | undefined)[];
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
export type GradientRule = NonNullable<OpDefinition["gradient"]>;

/** Sums `id` over the axes along which `shape` was broadcast to it. */
export function sumTo(builder: GraphWriter, id: number, shape: Shape): number {
  const from = builder.shape(id);
  if (`${from}` === `${shape}`) return id;
  let result = id;
  const missing = from.length - shape.length;
  const broadcast = from.map((extent, axis) => axis < missing || shape[axis - missing] !== extent);
  for (let end = from.length; end > 0; end--) {
    if (!broadcast[end - 1]) continue;
    let start = end - 1;
    while (start > 0 && broadcast[start - 1]) start--;
    result = sumKeepingAxes(builder, result, start, end);
    end = start + 1;
  }
  return reshape(builder, result, shape);
}

function sumKeepingAxes(builder: GraphWriter, id: number, start: number, end: number): number {
  const axes = Array.from({ length: end - start }, (_, index) => start + index);
  return builder.op("Sum", [id], { axes, keepDims: true });
}

/** The same elements under another shape; nothing when it has that shape already. */
export function reshape(builder: GraphWriter, id: number, shape: Shape): number {
  if (`${builder.shape(id)}` === `${shape}`) return id;
  return builder.op("Reshape", [id], { shape: [...shape] });
}

/** `id · factor` */
export function scaled(builder: GraphWriter, id: number, factor: number): number {
  return factor === 1 ? id : builder.op("Multiply", [id, builder.scalar(factor)]);
}

export function numbers(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  if (Array.isArray(value)) return value as readonly number[];
  throw new HoneError("Internal", `op attribute "${name}"`, `is ${value}, not a list.`);
}

export function numeric(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value === "number") return value;
  throw new HoneError("Internal", `op attribute "${name}"`, `is ${value}, not a number.`);
}

/** The n-th input's shape. @throws ShapeMismatch unless its rank is one of `ranks` */
export function shapeOf(
  inputs: readonly Tensor[],
  index: number,
  op: string,
  ...ranks: number[]
): Shape {
  const tensor = inputs[index];
  if (!tensor) throw new HoneError("Internal", op, `input ${index} is missing.`);
  if (ranks.length > 0 && !ranks.includes(tensor.shape.length)) {
    throw new HoneError(
      "ShapeMismatch",
      op,
      `input ${index} has shape [${tensor.shape}], where rank ${ranks.join(" or ")} is needed.`,
    );
  }
  return tensor.shape;
}

/** The first input's shape and type. */
export const sameAsInput: Infer = (inputs) => {
  const first = inputs[0] as Tensor;
  return { shape: first.shape, dtype: first.dtype };
};

/** No result: for in-place ops. */
export const noResult: Infer = () => ({ shape: [] });

export { reductionExtents, sizeOf };
