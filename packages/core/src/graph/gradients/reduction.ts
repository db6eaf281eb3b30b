/** Gradients of reductions and of softmax. */
import type { GradientRule, GradientRules } from "../ops/definition.js";
import { keptShape, numbers, reshape } from "../ops/rules.js";
import type { GraphWriter } from "../writer.js";

/** Every element that equals the extremum receives the gradient, as in tfjs. */
const extremum: GradientRule = ({ builder, inputs, output, dOutput, attributes }) => {
  const x = inputs[0] as number;
  const kept = keptShape(builder.shape(x), numbers(attributes, "axes"));
  const mask = builder.op("Equal", [x, reshape(builder, output, kept)]);
  return [builder.op("Multiply", [mask, reshape(builder, dOutput, kept)])];
};

function sumAlongLast(builder: GraphWriter, id: number): number {
  return builder.op("Sum", [id], { axes: [builder.shape(id).length - 1], keepDims: true });
}

export const reductionGradients: GradientRules = {
  Sum: ({ builder, inputs, dOutput, attributes }) => {
    const shape = builder.shape(inputs[0] as number);
    const axes = numbers(attributes, "axes");
    const kept = reshape(builder, dOutput, keptShape(shape, axes));
    const reps = shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
    return [builder.op("Tile", [kept], { reps })];
  },
  Max: extremum,
  Min: extremum,
  Softmax: ({ builder, output, dOutput }) => {
    const weighted = sumAlongLast(builder, builder.op("Multiply", [dOutput, output]));
    return [builder.op("Multiply", [builder.op("Sub", [dOutput, weighted]), output])];
  },
  LogSoftmax: ({ builder, output, dOutput }) => {
    const spread = builder.op("Multiply", [
      builder.op("Exp", [output]),
      sumAlongLast(builder, dOutput),
    ]);
    return [builder.op("Sub", [dOutput, spread])];
  },
};
