/** Gradients of convolutions and pools. */
import type { GradientRules } from "../ops/definition.js";
import { windowAttributes } from "../ops/rules.js";
import type { Attributes } from "../types.js";

function poolAttributes(attributes: Attributes): Attributes {
  const { filterSize, strides, padding } = attributes;
  return { filterSize: filterSize ?? [], strides: strides ?? [], padding: padding ?? [] };
}

export const windowGradients: GradientRules = {
  Conv2DBackpropInput: ({ builder, inputs, dOutput, attributes, wanted }) => {
    const [dy, filter] = inputs as readonly [number, number];
    const shared = windowAttributes(attributes);
    const filterShape = [...builder.shape(filter)];
    return [
      wanted[0] ? builder.op("Conv2D", [dOutput, filter], shared) : undefined,
      wanted[1]
        ? builder.op("Conv2DBackpropFilter", [dOutput, dy], { ...shared, filterShape })
        : undefined,
    ];
  },
  Conv2D: ({ builder, inputs, dOutput, attributes, wanted }) => {
    const [x, filter] = inputs as readonly [number, number];
    const shared = windowAttributes(attributes);
    return [
      wanted[0]
        ? builder.op("Conv2DBackpropInput", [dOutput, filter], {
            ...shared,
            inputShape: [...builder.shape(x)],
          })
        : undefined,
      wanted[1]
        ? builder.op("Conv2DBackpropFilter", [x, dOutput], {
            ...shared,
            filterShape: [...builder.shape(filter)],
          })
        : undefined,
    ];
  },
  MaxPool: ({ builder, inputs, output, dOutput, attributes }) => {
    const x = inputs[0] as number;
    return [builder.op("MaxPoolGrad", [dOutput, x, output], poolAttributes(attributes))];
  },
  AvgPool: ({ builder, inputs, dOutput, attributes }) => {
    const inputShape = [...builder.shape(inputs[0] as number)];
    return [builder.op("AvgPoolGrad", [dOutput], { ...poolAttributes(attributes), inputShape })];
  },
};
