/** The gradient of dropout: the same mask again. */
import type { GradientRules } from "../ops/definition.js";

export const trainingModeGradients: GradientRules = {
  Dropout: ({ builder, inputs, dOutput, attributes }) => [
    builder.op("Dropout", [dOutput, inputs[1] as number], attributes),
    undefined,
  ],
};
