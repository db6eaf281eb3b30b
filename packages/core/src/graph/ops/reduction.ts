/** Reductions over contiguous axes, and softmax along the last one. */
import { invariant } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { type Infer, numbers, type OpDefinition, reshape, sameAsInput } from "./definition.js";

const keptShape = (shape: Shape, axes: readonly number[]) =>
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

const inputSize = (inputs: readonly Tensor[]) => sizeOf(inputs[0]?.shape ?? []);

/** Every element that equals the extremum receives the gradient, as in tfjs. */
const extremum = (name: string): OpDefinition => ({
  name,
  infer: inferReduction,
  gradient: ({ builder, inputs, output, dOutput, attributes }) => {
    const x = inputs[0] as number;
    const kept = keptShape(builder.shape(x), numbers(attributes, "axes"));
    const mask = builder.op("Equal", [x, reshape(builder, output, kept)]);
    return [builder.op("Multiply", [mask, reshape(builder, dOutput, kept)])];
  },
  flops: inputSize,
});

function sumAlongLast(builder: GraphWriter, id: number): number {
  return builder.op("Sum", [id], { axes: [builder.shape(id).length - 1], keepDims: true });
}

export const reductionOps: readonly OpDefinition[] = [
  {
    name: "Sum",
    infer: inferReduction,
    gradient: ({ builder, inputs, dOutput, attributes }) => {
      const shape = builder.shape(inputs[0] as number);
      const axes = numbers(attributes, "axes");
      const kept = reshape(builder, dOutput, keptShape(shape, axes));
      const reps = shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
      return [builder.op("Tile", [kept], { reps })];
    },
    flops: inputSize,
  },
  extremum("Max"),
  extremum("Min"),
  {
    name: "ArgMax",
    infer: (inputs) => ({ shape: (inputs[0] as Tensor).shape.slice(0, -1), dtype: "int32" }),
    flops: inputSize,
  },
  {
    name: "Softmax",
    infer: sameAsInput,
    gradient: ({ builder, output, dOutput }) => {
      const weighted = sumAlongLast(builder, builder.op("Multiply", [dOutput, output]));
      return [builder.op("Multiply", [builder.op("Sub", [dOutput, weighted]), output])];
    },
    flops: (inputs) => 5 * inputSize(inputs),
  },
  {
    name: "LogSoftmax",
    infer: sameAsInput,
    gradient: ({ builder, output, dOutput }) => {
      const spread = builder.op("Multiply", [
        builder.op("Exp", [output]),
        sumAlongLast(builder, dOutput),
      ]);
      return [builder.op("Sub", [dOutput, spread])];
    },
    flops: (inputs) => 5 * inputSize(inputs),
  },
];
