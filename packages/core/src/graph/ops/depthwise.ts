/**
 * Depthwise convolutions: each channel of the images has M filters of its own, and output channel c·M + m comes
 * from channel c alone. What they compute is a full convolution whose filter is zero between channels that do not
 * belong together; that is the definition, and what a device without these ops runs.
 */
import { sizeOf } from "../geometry.js";
import type { Attributes, Shape } from "../types.js";
import type { GraphWriter } from "../writer.js";
import type { Infer, OpFamily } from "./definition.js";
import {
  epilogue,
  fromAttribute,
  mismatch,
  numbers,
  outputExtents,
  reshape,
  shapeOf,
  windowAttributes,
} from "./rules.js";

const inferDepthwise: Infer = (inputs, attributes) => {
  const x = shapeOf(inputs, 0, "DepthwiseConv2dNative", 4);
  const filter = shapeOf(inputs, 1, "DepthwiseConv2dNative", 4);
  const [, , channels, multiplier] = filter as [number, number, number, number];
  if (x[3] !== channels) {
    mismatch(
      "DepthwiseConv2dNative",
      `images have ${x[3]} channels, the filter takes ${channels}. Give it one filter for each channel.`,
    );
  }
  const [height, width] = outputExtents(x, filter, attributes);
  return { shape: [x[0] as number, height, width, channels * multiplier] };
};

/** One multiply-add for each element of the output and tap of the window. */
const depthwiseFlops = (output: Shape, filter: Shape) =>
  2 * sizeOf(output) * sizeOf(filter.slice(0, 2));

interface FilterExtents {
  readonly taps: number;
  readonly channels: number;
  readonly outputs: number;
  /** Of the filter of the full convolution. */
  readonly full: Shape;
}

function extentsOf(filter: Shape): FilterExtents {
  const [height, width, channels, multiplier] = filter as [number, number, number, number];
  const outputs = channels * multiplier;
  return { taps: height * width, channels, outputs, full: [height, width, channels, outputs] };
}

/** [C, C·M]: 1 where an output channel comes from a channel. */
function belongs(builder: GraphWriter, { channels, outputs }: FilterExtents): number {
  const mask = new Float32Array(channels * outputs);
  for (let output = 0; output < outputs; output++) {
    const channel = Math.floor((output * channels) / outputs);
    mask[channel * outputs + output] = 1;
  }
  return builder.constant(mask, [channels, outputs]);
}

/** The filter [kh,kw,C,M] as that of a full convolution, [kh,kw,C,C·M]. */
function fullFilter(builder: GraphWriter, filter: number): number {
  const extents = extentsOf(builder.shape(filter));
  const { taps, channels, outputs, full } = extents;
  if (channels === 1) return reshape(builder, filter, full);
  const spread = reshape(builder, filter, [taps, 1, outputs]);
  return reshape(builder, builder.op("Multiply", [spread, belongs(builder, extents)]), full);
}

/** What of a full filter's gradient belongs to the depthwise one, of shape `filter`. */
function ownPart(builder: GraphWriter, gradient: number, filter: Shape): number {
  const extents = extentsOf(filter);
  const { taps, channels, outputs } = extents;
  if (channels === 1) return reshape(builder, gradient, filter);
  const all = reshape(builder, gradient, [taps, channels, outputs]);
  const own = builder.op("Multiply", [all, belongs(builder, extents)]);
  return reshape(builder, builder.op("Sum", [own], { axes: [1], keepDims: false }), filter);
}

export const depthwiseOps: OpFamily = {
  ops: [
    {
      name: "DepthwiseConv2dNative",
      infer: inferDepthwise,
      expand: (builder, [x, filter], attributes) =>
        builder.op("Conv2D", [x as number, fullFilter(builder, filter as number)], attributes),
      flops: (inputs, output) => depthwiseFlops(output.shape, inputs[1]?.shape ?? []),
    },
    {
      name: "DepthwiseConv2dNativeBackpropInput",
      infer: fromAttribute("inputShape"),
      expand: (builder, [dy, filter], attributes) =>
        builder.op(
          "Conv2DBackpropInput",
          [dy as number, fullFilter(builder, filter as number)],
          attributes,
        ),
      flops: (inputs) => depthwiseFlops(inputs[0]?.shape ?? [], inputs[1]?.shape ?? []),
    },
    {
      name: "DepthwiseConv2dNativeBackpropFilter",
      infer: fromAttribute("filterShape"),
      expand: (builder, [x, dy], attributes) => {
        const filter = numbers(attributes, "filterShape");
        const shared = { ...windowAttributes(attributes), filterShape: extentsOf(filter).full };
        const full = builder.op("Conv2DBackpropFilter", [x as number, dy as number], shared);
        return ownPart(builder, full, filter);
      },
      flops: (inputs, output) => depthwiseFlops(inputs[1]?.shape ?? [], output.shape),
    },
    {
      name: "FusedDepthwiseConv2D",
      infer: inferDepthwise,
      expand: (builder, [x, filter, bias], attributes) =>
        epilogue(
          builder,
          forward(builder, x as number, filter as number, attributes),
          bias,
          attributes.activation,
        ),
      flops: (inputs, output) => depthwiseFlops(output.shape, inputs[1]?.shape ?? []),
    },
  ],
  gradients: {
    DepthwiseConv2dNative: ({ builder, inputs: [x, filter], dOutput, attributes, wanted }) => [
      wanted[0]
        ? inputGradient(builder, dOutput, filter as number, x as number, attributes)
        : undefined,
      wanted[1]
        ? filterGradient(builder, x as number, dOutput, filter as number, attributes)
        : undefined,
    ],
    DepthwiseConv2dNativeBackpropInput: ({
      builder,
      inputs: [dy, filter],
      dOutput,
      attributes,
      wanted,
    }) => [
      wanted[0] ? forward(builder, dOutput, filter as number, attributes) : undefined,
      wanted[1]
        ? filterGradient(builder, dOutput, dy as number, filter as number, attributes)
        : undefined,
    ],
    DepthwiseConv2dNativeBackpropFilter: ({
      builder,
      inputs: [x, dy],
      dOutput,
      attributes,
      wanted,
    }) => [
      wanted[0]
        ? inputGradient(builder, dy as number, dOutput, x as number, attributes)
        : undefined,
      wanted[1] ? forward(builder, x as number, dOutput, attributes) : undefined,
    ],
  },
};

function forward(builder: GraphWriter, x: number, filter: number, attributes: Attributes): number {
  return builder.op("DepthwiseConv2dNative", [x, filter], windowAttributes(attributes));
}

/** @param x gives the gradient's shape */
function inputGradient(
  builder: GraphWriter,
  dy: number,
  filter: number,
  x: number,
  attributes: Attributes,
): number {
  const shared = { ...windowAttributes(attributes), inputShape: [...builder.shape(x)] };
  return builder.op("DepthwiseConv2dNativeBackpropInput", [dy, filter], shared);
}

/** @param filter gives the gradient's shape */
function filterGradient(
  builder: GraphWriter,
  x: number,
  dy: number,
  filter: number,
  attributes: Attributes,
): number {
  const shared = { ...windowAttributes(attributes), filterShape: [...builder.shape(filter)] };
  return builder.op("DepthwiseConv2dNativeBackpropFilter", [x, dy], shared);
}
