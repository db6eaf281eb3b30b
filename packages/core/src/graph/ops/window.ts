/** Convolutions and pools over NHWC images; padding is numbers, never a word. */
import type { Tensor } from "../types.js";
import type { Infer, OpDefinition } from "./definition.js";
import {
  convolutionFlops,
  epilogue,
  fromAttribute,
  mismatch,
  numbers,
  outputExtents,
  pooledFlops,
  poolFlops,
  shapeOf,
  windowAttributes,
} from "./rules.js";

const inferConvolution: Infer = (inputs, attributes) => {
  const x = shapeOf(inputs, 0, "Conv2D", 4);
  const filter = shapeOf(inputs, 1, "Conv2D", 4);
  if (x[3] !== filter[2]) {
    mismatch("Conv2D", `images have ${x[3]} channels, the filter takes ${filter[2]}.`);
  }
  return { shape: [x[0] as number, ...outputExtents(x, filter, attributes), filter[3] as number] };
};

const inferPool: Infer = (inputs, attributes) => {
  const x = shapeOf(inputs, 0, "pool", 4);
  const [height, width] = outputExtents(x, numbers(attributes, "filterSize"), attributes);
  return { shape: [x[0] as number, height, width, x[3] as number] };
};

/** Of the images that are left, and the filter that leaves them. */
const forwardFlops = (inputs: readonly Tensor[], output: Tensor) =>
  convolutionFlops(output.shape, inputs[1]?.shape ?? []);

export const windowOps: readonly OpDefinition[] = [
  { name: "Conv2D", infer: inferConvolution, flops: forwardFlops },
  {
    name: "FusedConv2D",
    infer: inferConvolution,
    expand: (builder, [x, filter, bias], attributes) => {
      const inputs = [x as number, filter as number];
      const result = builder.op("Conv2D", inputs, windowAttributes(attributes));
      return epilogue(builder, result, bias, attributes.activation);
    },
    flops: forwardFlops,
  },
  {
    // Of transposed convolutions, and of gradients.
    name: "Conv2DBackpropInput",
    infer: fromAttribute("inputShape"),
    flops: (inputs) => convolutionFlops(inputs[0]?.shape ?? [], inputs[1]?.shape ?? []),
  },
  {
    // Only a plan makes it (plan/fuse-pools.ts), for targets that list it.
    name: "FusedConv2DMaxPool",
    infer: (inputs, attributes) => {
      const [height, width] = numbers(attributes, "outputSize") as [number, number];
      const [batch, channels] = [inputs[0]?.shape[0] ?? 0, inputs[1]?.shape.at(-1) ?? 0];
      return { shape: [batch, Math.floor(height / 2), Math.floor(width / 2), channels] };
    },
    flops: (inputs, _output, attributes) =>
      pooledFlops(inputs[0]?.shape[0] ?? 0, inputs[1]?.shape ?? [], attributes),
  },
  ...["MaxPool", "AvgPool"].map(
    (name): OpDefinition => ({
      name,
      infer: inferPool,
      flops: (_inputs, { shape }, attributes) => poolFlops(shape, attributes),
    }),
  ),
];
