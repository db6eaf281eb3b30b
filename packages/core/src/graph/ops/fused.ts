/**
 * Fused ops of sums and gradients, which only a plan makes (plan/late-passes.ts), for targets that list them. Each is
 * defined by the nodes it stands for.
 */
import { sizeOf } from "../geometry.js";
import type { OpFamily } from "./definition.js";
import {
  fromAttribute,
  inferReduction,
  perElement,
  pooledFlops,
  poolFlops,
  sameAsInput,
  scaled,
} from "./rules.js";

export const fusedOps: OpFamily = {
  ops: [
    {
      name: "MultiplySum",
      infer: inferReduction,
      expand: (builder, [a, b], attributes) =>
        builder.op("Sum", [builder.op("Multiply", [a as number, b as number])], attributes),
      flops: perElement(2),
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
        poolFlops(inputs[0]?.shape, attributes) + 2 * sizeOf(output.shape),
    },
    {
      name: "FusedConv2DMaxPoolBackpropFilter",
      infer: fromAttribute("filterShape"),
      flops: (inputs, output, attributes) =>
        pooledFlops(inputs[0]?.shape[0] ?? 0, output.shape, attributes),
    },
    {
      name: "FusedConv2DMaxPoolBackpropInput",
      infer: fromAttribute("inputShape"),
      flops: (inputs, _output, attributes) =>
        pooledFlops(inputs[0]?.shape[0] ?? 0, inputs[2]?.shape ?? [], attributes),
    },
  ],
};
