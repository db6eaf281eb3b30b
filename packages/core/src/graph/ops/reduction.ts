/** Reductions over contiguous axes, and softmax along the last one. */
import type { Tensor } from "../types.js";
import type { OpDefinition } from "./definition.js";
import { inferReduction, perElement, sameAsInput } from "./rules.js";

export const reductionOps: readonly OpDefinition[] = [
  ...["Sum", "Max", "Min"].map((name) => ({ name, infer: inferReduction, flops: perElement(1) })),
  {
    name: "ArgMax",
    infer: (inputs) => ({ shape: (inputs[0] as Tensor).shape.slice(0, -1), dtype: "int32" }),
    flops: perElement(1),
  },
  ...["Softmax", "LogSoftmax"].map((name) => ({ name, infer: sameAsInput, flops: perElement(5) })),
];
