/** Windows over volumes, made of windows over pictures; transposed convolutions; morphological dilation. */
import { backend_util } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../graph/geometry.js";
import type { Traced, TracedBuilder } from "../traced.js";
import type { KernelCall, Kernels } from "./kernel.js";
import { joined, padded, range, strided, transposed } from "./take.js";

type Size4 = [number, number, number, number];
type Size5 = [number, number, number, number, number];
type Window2 = number | [number, number];
type Window3 = number | [number, number, number];
type Padding = "valid" | "same" | number;

/** The gradient of a convolution for its input, which tfjs takes for the transposed convolution. */
function convolutionTranspose(call: KernelCall): Traced {
  const { build, attributes } = call;
  const [dy, filter] = [build.float(call.input("dy")), build.float(call.input("filter"))];
  if (attributes.dataFormat === "NCHW") call.refuse("asks for channels first. Use channelsLast");
  const inputShape = attributes.inputShape as Size4;
  const info = backend_util.computeConv2DInfo(
    inputShape,
    [...filter.shape] as Size4,
    attributes.strides as Window2,
    1,
    attributes.pad as Parameters<typeof backend_util.computeConv2DInfo>[4],
    attributes.dimRoundingMode as "floor",
  );
  const { padInfo, strideHeight, strideWidth } = info;
  const source = build.graph.op("Conv2DBackpropInput", [build.dense(dy), build.dense(filter)], {
    strides: [strideHeight, strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
    dilations: [1, 1],
    inputShape: [...inputShape],
  });
  return build.from(source);
}

type Info3 = ReturnType<typeof backend_util.computeConv3DInfo>;

const planeAttributes = (info: Info3) => ({
  strides: [info.strideHeight, info.strideWidth],
  padding: [info.padInfo.top, info.padInfo.bottom, info.padInfo.left, info.padInfo.right],
  dilations: [info.dilationHeight, info.dilationWidth],
});

function volumeInfo(call: KernelCall, shape: readonly number[], filter: Traced): Info3 {
  if (call.attributes.dataFormat === "NCDHW")
    call.refuse("asks for channels first. Use channelsLast");
  return backend_util.computeConv3DInfo(
    [...shape] as Size5,
    [...filter.shape] as Size5,
    call.attributes.strides as Window3,
    (call.attributes.dilations ?? 1) as Window3,
    call.attributes.pad as Padding,
  );
}

/** [depth, height, width, in, out] with the taps of the depth side by side: [height, width, depth · in, out]. */
function flatFilter(build: TracedBuilder, filter: Traced): Traced {
  const [depth, height, width, inside, outside] = filter.shape as unknown as Size5;
  const moved = transposed(build, filter, [1, 2, 0, 3, 4]);
  return build.reshape(moved, [height, width, depth * inside, outside]);
}

/** All the planes that a result's plane sees, side by side as channels, then one convolution of pictures. */
function volumeConvolution(call: KernelCall): Traced {
  const { build } = call;
  const [x, filter] = [build.float(call.input("x")), build.float(call.input("filter"))];
  const info = volumeInfo(call, x.shape, filter);
  const { padInfo, filterDepth, outDepth, strideDepth, dilationDepth } = info;
  const whole = padded(build, x, 1, [padInfo.front, padInfo.back]);
  const taps = Array.from({ length: filterDepth }, (_, tap) =>
    strided(build, whole, 1, tap * dilationDepth, outDepth, strideDepth),
  );
  const [batch, , height, width, channels] = x.shape as unknown as Size5;
  const pictures = build.reshape(joined(build, taps, 4), [
    batch * outDepth,
    height,
    width,
    filterDepth * channels,
  ]);
  const source = build.graph.op(
    "Conv2D",
    [build.dense(pictures), build.dense(flatFilter(build, filter))],
    planeAttributes(info),
  );
  return build.reshape(build.from(source), info.outShape);
}

/** The other way round: each tap's planes go back to where they were seen, and are added. */
function volumeTranspose(call: KernelCall): Traced {
  const { build } = call;
  const [dy, filter] = [build.float(call.input("dy")), build.float(call.input("filter"))];
  const inputShape = call.attributes.inputShape as Size5;
  const info = volumeInfo(call, inputShape, filter);
  const { padInfo, filterDepth, outDepth, strideDepth, dilationDepth } = info;
  const [batch, depth, height, width, channels] = inputShape;
  const pictures = build.reshape(dy, [
    batch * outDepth,
    info.outHeight,
    info.outWidth,
    info.outChannels,
  ]);
  const source = build.graph.op(
    "Conv2DBackpropInput",
    [build.dense(pictures), build.dense(flatFilter(build, filter))],
    {
      ...planeAttributes(info),
      inputShape: [batch * outDepth, height, width, filterDepth * channels],
    },
  );
  const all = build.reshape(build.from(source), [
    batch,
    outDepth,
    height,
    width,
    filterDepth * channels,
  ]);
  const extent = depth + padInfo.front + padInfo.back;
  const placed = Array.from({ length: filterDepth }, (_, tap) => {
    const planes = range(build, all, 4, tap * channels, channels);
    return placedPlanes(build, planes, tap * dilationDepth, strideDepth, extent);
  });
  const sum = placed.reduce((a, b) => build.elementwise("Add", [a, b]));
  return range(build, sum, 1, padInfo.front, depth);
}

/** Planes [batch, n, …] at begin, begin + stride, … of `extent`, zeros between. */
function placedPlanes(
  build: TracedBuilder,
  planes: Traced,
  begin: number,
  stride: number,
  extent: number,
): Traced {
  const [batch, count, ...plane] = planes.shape as unknown as Size5;
  const inner = sizeOf(plane);
  const apart = padded(build, build.reshape(planes, [batch, count, inner]), 2, [
    0,
    (stride - 1) * inner,
  ]);
  const spread = build.reshape(apart, [batch, count * stride, inner]);
  const there = Math.min(count * stride, extent - begin);
  const whole = padded(build, range(build, spread, 1, 0, there), 1, [
    begin,
    extent - begin - there,
  ]);
  return build.reshape(whole, [batch, extent, ...plane]);
}

/** Over pictures, then over the planes of what came out: means and maxima do not mind. */
function volumePool(call: KernelCall): Traced {
  const { build, attributes } = call;
  const op = call.name === "MaxPool3D" ? "MaxPool" : "AvgPool";
  const x = build.float(call.input("x"));
  if (attributes.dataFormat === "NCDHW") call.refuse("asks for channels first. Use channelsLast");
  const info = backend_util.computePool3DInfo(
    [...x.shape] as Size5,
    attributes.filterSize as Window3,
    attributes.strides as Window3,
    1,
    attributes.pad as Padding,
    attributes.dimRoundingMode as "floor",
  );
  const { padInfo, outHeight, outWidth, outDepth } = info;
  const [batch, depth, height, width, channels] = x.shape as unknown as Size5;
  const pictures = build.reshape(x, [batch * depth, height, width, channels]);
  const planes = build.graph.op(op, [build.dense(pictures)], {
    filterSize: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
  });
  const columns = build.reshape(build.from(planes), [batch, depth, outHeight * outWidth, channels]);
  const pooled = build.graph.op(op, [build.dense(columns)], {
    filterSize: [info.filterDepth, 1],
    strides: [info.strideDepth, 1],
    padding: [padInfo.front, padInfo.back, 0, 0],
  });
  return build.reshape(build.from(pooled), [batch, outDepth, outHeight, outWidth, channels]);
}

const LOWEST = -3.4028234663852886e38;

/** The largest sum of a picture and a filter, one tap after another. */
function dilation(call: KernelCall): Traced {
  const { build, attributes } = call;
  const [x, filter] = [build.float(call.input("x")), build.float(call.input("filter"))];
  const info = backend_util.computeDilation2DInfo(
    [...x.shape] as Size4,
    [...filter.shape] as [number, number, number],
    attributes.strides as Window2,
    attributes.pad as "same",
    "NHWC",
    (attributes.dilations ?? 1) as Window2,
  );
  const { padInfo, outHeight, outWidth } = info;
  const rows = padded(build, x, 1, [padInfo.top, padInfo.bottom], LOWEST);
  const whole = padded(build, rows, 2, [padInfo.left, padInfo.right], LOWEST);
  const taps = Array.from({ length: info.filterHeight * info.filterWidth }, (_, tap) => {
    const [row, column] = [Math.floor(tap / info.filterWidth), tap % info.filterWidth];
    const seen = strided(build, whole, 1, row * info.dilationHeight, outHeight, info.strideHeight);
    const part = strided(build, seen, 2, column * info.dilationWidth, outWidth, info.strideWidth);
    const weights = range(build, range(build, filter, 0, row, 1), 1, column, 1);
    return build.elementwise("Add", [part, build.reshape(weights, [x.shape[3] as number])]);
  });
  return taps.reduce((a, b) => build.elementwise("Maximum", [a, b]));
}

export const volumeKernels: Kernels = {
  Conv2DBackpropInput: convolutionTranspose,
  Conv3D: volumeConvolution,
  Conv3DBackpropInputV2: volumeTranspose,
  MaxPool3D: volumePool,
  AvgPool3D: volumePool,
  Dilation2D: dilation,
};
