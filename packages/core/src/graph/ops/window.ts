/** Convolutions and pools over NHWC images; padding is numbers, never a word. */
import { HoneError } from "../../errors.js";
import { sizeOf, windowOutput } from "../geometry.js";
import type { Attributes, Shape } from "../types.js";
import { type Infer, numbers, type OpDefinition, sameAsInput, shapeOf } from "./definition.js";
import { epilogue } from "./dense.js";

/** Height and width of what a window leaves. @throws ShapeMismatch where it does not fit */
export function outputExtents(
  input: Shape,
  filter: Shape,
  attributes: Attributes,
): [number, number] {
  const [strideHeight, strideWidth] = numbers(attributes, "strides") as [number, number];
  const [dilationHeight, dilationWidth] = (attributes.dilations ?? [1, 1]) as [number, number];
  const [top, bottom, left, right] = numbers(attributes, "padding") as [
    number,
    number,
    number,
    number,
  ];
  const height = windowOutput(
    input[1] as number,
    filter[0] as number,
    strideHeight,
    dilationHeight,
    top + bottom,
  );
  const width = windowOutput(
    input[2] as number,
    filter[1] as number,
    strideWidth,
    dilationWidth,
    left + right,
  );
  if (height < 1 || width < 1) {
    throw new HoneError(
      "ShapeMismatch",
      "window",
      `a ${filter[0]}x${filter[1]} window does not fit into [${input}]. Use a smaller window or "same" padding.`,
    );
  }
  return [height, width];
}

const inferConvolution: Infer = (inputs, attributes) => {
  const x = shapeOf(inputs, 0, "Conv2D", 4);
  const filter = shapeOf(inputs, 1, "Conv2D", 4);
  if (x[3] !== filter[2]) {
    throw new HoneError(
      "ShapeMismatch",
      "Conv2D",
      `images have ${x[3]} channels, the filter takes ${filter[2]}.`,
    );
  }
  return { shape: [x[0] as number, ...outputExtents(x, filter, attributes), filter[3] as number] };
};

const inferPool: Infer = (inputs, attributes) => {
  const x = shapeOf(inputs, 0, "pool", 4);
  const [height, width] = outputExtents(x, numbers(attributes, "filterSize"), attributes);
  return { shape: [x[0] as number, height, width, x[3] as number] };
};

/** A gradient's shape, which is the attribute `name`. */
export const fromAttribute =
  (name: string): Infer =>
  (_inputs, attributes) => ({ shape: numbers(attributes, name) });

/** Multiply-adds of a convolution given its dense output and its filter [kh,kw,Ci,Co]. */
const convolutionFlops = (output: Shape, filter: Shape) =>
  2 * sizeOf(output) * sizeOf(filter.slice(0, 3));

/** Those of a convolution alone, as its gradients take them too. */
export function windowAttributes(attributes: Attributes): Attributes {
  const { strides, padding, dilations } = attributes;
  return { strides: strides ?? [], padding: padding ?? [], dilations: dilations ?? [1, 1] };
}

function poolAttributes(attributes: Attributes): Attributes {
  const { filterSize, strides, padding } = attributes;
  return { filterSize: filterSize ?? [], strides: strides ?? [], padding: padding ?? [] };
}

const windowSize = (attributes: Attributes) => sizeOf(numbers(attributes, "filterSize"));

export const windowOps: readonly OpDefinition[] = [
  {
    name: "Conv2D",
    infer: inferConvolution,
    gradient: ({ builder, inputs, dOutput, attributes, wanted }) => {
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
    flops: (inputs, output) => convolutionFlops(output.shape, inputs[1]?.shape ?? []),
  },
  {
    name: "Conv2DBackpropInput",
    infer: fromAttribute("inputShape"),
    gradient: ({ builder, inputs, dOutput, attributes, wanted }) => {
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
    flops: (inputs) => convolutionFlops(inputs[0]?.shape ?? [], inputs[1]?.shape ?? []),
  },
  {
    name: "Conv2DBackpropFilter",
    infer: fromAttribute("filterShape"),
    flops: (inputs, output) => convolutionFlops(inputs[1]?.shape ?? [], output.shape),
  },
  {
    name: "FusedConv2D",
    infer: inferConvolution,
    expand: (builder, [x, filter, bias], attributes) => {
      const inputs = [x as number, filter as number];
      const result = builder.op("Conv2D", inputs, windowAttributes(attributes));
      return epilogue(builder, result, bias, attributes.activation);
    },
    flops: (inputs, output) => convolutionFlops(output.shape, inputs[1]?.shape ?? []),
  },
  {
    name: "MaxPool",
    infer: inferPool,
    gradient: ({ builder, inputs, output, dOutput, attributes }) => {
      const x = inputs[0] as number;
      return [builder.op("MaxPoolGrad", [dOutput, x, output], poolAttributes(attributes))];
    },
    flops: (_inputs, output, attributes) => sizeOf(output.shape) * windowSize(attributes),
  },
  {
    name: "MaxPoolGrad",
    infer: (inputs) => sameAsInput(inputs.slice(1), {}),
    flops: (inputs, _output, attributes) => sizeOf(inputs[0]?.shape ?? []) * windowSize(attributes),
  },
  {
    name: "AvgPool",
    infer: inferPool,
    gradient: ({ builder, inputs, dOutput, attributes }) => {
      const inputShape = [...builder.shape(inputs[0] as number)];
      return [builder.op("AvgPoolGrad", [dOutput], { ...poolAttributes(attributes), inputShape })];
    },
    flops: (_inputs, output, attributes) => sizeOf(output.shape) * windowSize(attributes),
  },
  {
    name: "AvgPoolGrad",
    infer: fromAttribute("inputShape"),
    flops: (inputs, _output, attributes) => sizeOf(inputs[0]?.shape ?? []) * windowSize(attributes),
  },
];
