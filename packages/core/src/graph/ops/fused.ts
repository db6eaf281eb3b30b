/**
 * Fused ops that only a plan makes (plan/fuse-gradients.ts, fuse-pools.ts, fuse-sums.ts), for targets that list
 * them. Each is defined by the nodes it stands for.
 */
import { sizeOf } from "../geometry.js";
import type { Attributes, Shape } from "../types.js";
import { type Infer, numbers, type OpDefinition, sameAsInput, scaled } from "./definition.js";
import { inferReduction } from "./reduction.js";

const windowSize = (attributes: Attributes) => sizeOf(numbers(attributes, "filterSize"));

/** Multiply-adds of the whole convolution of `batch` images, whatever is left out. */
const convolutionFlops = (batch: number, filter: Shape, attributes: Attributes) =>
  2 * batch * sizeOf(numbers(attributes, "outputSize")) * sizeOf(filter);

const fromAttribute =
  (name: string): Infer =>
  (_inputs, attributes) => ({ shape: numbers(attributes, name) });

export const fusedOps: readonly OpDefinition[] = [
  {
    name: "MultiplySum",
    infer: inferReduction,
    expand: (builder, [a, b], attributes) =>
      builder.op("Sum", [builder.op("Multiply", [a as number, b as number])], attributes),
    flops: (inputs) => 2 * sizeOf(inputs[0]?.shape ?? []),
  },
  {
    name: "MultiplyByStep",
    infer: sameAsInput,
    expand: (builder, [x, dy], { alpha = 0, scale = 1 }) => {
      const step = builder.op("Step", [x as number], { alpha });
      return builder.op("Multiply", [scaled(builder, dy as number, scale as number), step]);
    },
    flops: (_inputs, output) => 2 * sizeOf(output.shape),
  },
  {
    name: "MaxPoolGradByStep",
    infer: (inputs) => sameAsInput(inputs.slice(1), {}),
    expand: (builder, inputs, { alpha = 0, ...pool }) => {
      const gradient = builder.op("MaxPoolGrad", inputs, pool);
      const x = inputs[1] as number;
      return builder.op("Multiply", [gradient, builder.op("Step", [x], { alpha })]);
    },
    flops: (inputs, output, attributes) =>
      sizeOf(inputs[0]?.shape ?? []) * windowSize(attributes) + 2 * sizeOf(output.shape),
  },
  {
    name: "FusedConv2DMaxPool",
    infer: (inputs, attributes) => {
      const [height, width] = numbers(attributes, "outputSize") as [number, number];
      const [batch, channels] = [inputs[0]?.shape[0] ?? 0, inputs[1]?.shape.at(-1) ?? 0];
      return { shape: [batch, Math.floor(height / 2), Math.floor(width / 2), channels] };
    },
    flops: (inputs, _output, attributes) =>
      convolutionFlops(inputs[0]?.shape[0] ?? 0, inputs[1]?.shape ?? [], attributes),
  },
  {
    name: "FusedConv2DMaxPoolBackpropFilter",
    infer: fromAttribute("filterShape"),
    flops: (inputs, output, attributes) =>
      convolutionFlops(inputs[0]?.shape[0] ?? 0, output.shape, attributes),
  },
  {
    name: "FusedConv2DMaxPoolBackpropInput",
    infer: fromAttribute("inputShape"),
    flops: (inputs, _output, attributes) =>
      convolutionFlops(inputs[0]?.shape[0] ?? 0, inputs[2]?.shape ?? [], attributes),
  },
];
