/** Ops that only gradients are made of. */
import type { OpDefinition } from "./definition.js";
import { convolutionFlops, fromAttribute, poolFlops, sameAsInput } from "./rules.js";

const poolGradientFlops: OpDefinition["flops"] = (inputs, _output, attributes) =>
  poolFlops(inputs[0]?.shape, attributes);

export const gradientOps: readonly OpDefinition[] = [
  // Of Elu, whose derivative its value tells.
  { name: "EluGrad", infer: sameAsInput },
  {
    name: "Conv2DBackpropFilter",
    infer: fromAttribute("filterShape"),
    flops: (inputs, output) => convolutionFlops(inputs[1]?.shape ?? [], output.shape),
  },
  {
    name: "MaxPoolGrad",
    infer: (inputs) => sameAsInput(inputs.slice(1), {}),
    flops: poolGradientFlops,
  },
  { name: "AvgPoolGrad", infer: fromAttribute("inputShape"), flops: poolGradientFlops },
];
