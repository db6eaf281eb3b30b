/** Depthwise convolutions; the fused one comes apart into primitives. */
import { backend_util } from "@tensorflow/tfjs-core";
import type { Traced } from "../traced.js";
import { epilogue } from "./dense.js";
import type { KernelCall, Kernels } from "./kernel.js";

type Size4 = [number, number, number, number];
type Window = number | [number, number];
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];

function depthwise(call: KernelCall): Traced {
  const { build, attributes } = call;
  const [x, filter] = [build.float(call.input("x")), build.float(call.input("filter"))];
  if (attributes.dataFormat === "NCHW") call.refuse("asks for channels first. Use channelsLast");
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } =
    backend_util.computeConv2DInfo(
      [...x.shape] as Size4,
      [...filter.shape] as Size4,
      attributes.strides as Window,
      (attributes.dilations ?? 1) as Window,
      attributes.pad as Padding,
      attributes.dimRoundingMode as "floor",
      true,
    );
  const source = build.graph.op("DepthwiseConv2dNative", [build.dense(x), build.dense(filter)], {
    strides: [strideHeight, strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
    dilations: [dilationHeight, dilationWidth],
  });
  return build.from(source);
}

export const depthwiseKernels: Kernels = {
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: (call) => epilogue(call, depthwise(call)),
};
