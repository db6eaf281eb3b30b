/** What the rules of several families share; one file, so that pages get it in one piece however many families they load. */
import { HoneError, invariant } from "../../errors.js";
import { sizeOf, windowOutput } from "../geometry.js";
import type { Attributes, Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import type { Infer } from "./definition.js";

/** The same elements under another shape; nothing when it has that shape already. */
export function reshape(builder: GraphWriter, id: number, shape: Shape): number {
  if (`${builder.shape(id)}` === `${shape}`) return id;
  return builder.op("Reshape", [id], { shape: [...shape] });
}

/** `id · factor` */
export function scaled(builder: GraphWriter, id: number, factor: number): number {
  return factor === 1 ? id : builder.op("Multiply", [id, builder.scalar(factor)]);
}

/** @throws ShapeMismatch */
export function mismatch(where: string, what: string): never {
  throw new HoneError("ShapeMismatch", where, what);
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
  const { shape } = tensor;
  if (ranks.length === 0 || ranks.includes(shape.length)) return shape;
  return mismatch(
    op,
    `input ${index} has shape [${shape}], where rank ${ranks.join(" or ")} is needed.`,
  );
}

/** The first input's shape and type. */
export const sameAsInput: Infer = (inputs) => {
  const first = inputs[0] as Tensor;
  return { shape: first.shape, dtype: first.dtype };
};

/** The result's shape, which is the attribute `name`. */
export const fromAttribute =
  (name: string): Infer =>
  (_inputs, attributes) => ({ shape: numbers(attributes, name) });

/** No result: for in-place ops. */
export const noResult: Infer = () => ({ shape: [] });

export const noFlops = () => 0;

export const keptShape = (shape: Shape, axes: readonly number[]) =>
  shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));

export const inferReduction: Infer = (inputs, attributes) => {
  const axes = numbers(attributes, "axes");
  const { shape } = inputs[0] as Tensor;
  const contiguous = axes.every(
    (axis, index) => index === 0 || axis === (axes[index - 1] ?? 0) + 1,
  );
  invariant(contiguous && axes.length > 0, "reduction", `axes [${axes}] are not contiguous`);
  if (attributes.keepDims === true) return { shape: keptShape(shape, axes) };
  return { shape: shape.filter((_, axis) => !axes.includes(axis)) };
};

/** So many operations for each element of the first input. */
export const perElement = (count: number) => (inputs: readonly Tensor[]) =>
  count * sizeOf(inputs[0]?.shape ?? []);

/** Height and width of what a window leaves. @throws ShapeMismatch where it does not fit */
export function outputExtents(
  input: Shape,
  filter: Shape,
  attributes: Attributes,
): [number, number] {
  const strides = numbers(attributes, "strides");
  const dilations = (attributes.dilations ?? [1, 1]) as readonly number[];
  const padding = numbers(attributes, "padding");
  const along = (axis: 0 | 1) =>
    windowOutput(
      input[axis + 1] as number,
      filter[axis] as number,
      strides[axis] as number,
      dilations[axis] as number,
      (padding[2 * axis] as number) + (padding[2 * axis + 1] as number),
    );
  const [height, width] = [along(0), along(1)];
  if (height >= 1 && width >= 1) return [height, width];
  return mismatch(
    "window",
    `a ${filter[0]}x${filter[1]} window does not fit into [${input}]. Use a smaller window or "same" padding.`,
  );
}

/** Those of a convolution alone, as its gradients take them too. */
export function windowAttributes(attributes: Attributes): Attributes {
  const { strides, padding, dilations } = attributes;
  return { strides: strides ?? [], padding: padding ?? [], dilations: dilations ?? [1, 1] };
}

/** Elements of a pool's window, for each of `shape`. */
export const poolFlops = (shape: Shape | undefined, attributes: Attributes) =>
  sizeOf(shape ?? []) * sizeOf(numbers(attributes, "filterSize"));

/** Multiply-adds of a convolution given its dense output and its filter [kh,kw,Ci,Co]. */
export const convolutionFlops = (output: Shape, filter: Shape) =>
  2 * sizeOf(output) * sizeOf(filter.slice(0, 3));

/** Multiply-adds of the whole convolution of `batch` images before a pool, whatever is left out. */
export const pooledFlops = (batch: number, filter: Shape, attributes: Attributes) =>
  2 * batch * sizeOf(numbers(attributes, "outputSize")) * sizeOf(filter);

const ACTIVATIONS: Readonly<Record<string, string>> = { relu: "Relu", relu6: "Relu6" };

/** Bias and activation after a product or a convolution. @param activation `relu`, `relu6`; else none */
export function epilogue(
  builder: GraphWriter,
  id: number,
  bias: number | undefined,
  activation: Attributes[string] | undefined,
): number {
  const biased = bias === undefined ? id : builder.op("Add", [id, bias]);
  const op = ACTIVATIONS[`${activation}`];
  return op === undefined ? biased : builder.op(op, [biased]);
}

/** Activations that recurrent ops have: those whose derivative their value tells. */
export const RECURRENT_ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "hardSigmoid"] as const;
export type RecurrentActivation = (typeof RECURRENT_ACTIVATIONS)[number];
