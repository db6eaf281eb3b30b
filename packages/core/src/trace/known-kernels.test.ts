/** Which of the kernels that tfjs registers can be traced, and why the others cannot. */
import "@tensorflow/tfjs-backend-cpu";
import { getKernelsForBackend } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { KERNELS } from "./kernel-table.js";
import { loadParts } from "./on-demand.js";

const LEFT_OUT: Readonly<Record<string, string>> = {
  "gradients of tfjs's own tape; the graph has its own":
    "AvgPool3DGrad AvgPoolGrad Conv2DBackpropFilter Conv3DBackpropFilterV2 DepthwiseConv2dNativeBackpropFilter " +
    "DepthwiseConv2dNativeBackpropInput Dilation2DBackpropFilter Dilation2DBackpropInput EluGrad LRNGrad " +
    "MaxPool3DGrad MaxPoolGrad ResizeBilinearGrad ResizeNearestNeighborGrad",
  "complex numbers": "Complex ComplexAbs FFT IFFT Imag Real",
  strings: "StaticRegexReplace StringNGrams StringSplit StringToHashBucketFast",
  "as many rows as the numbers in them say":
    "NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 RaggedGather RaggedRange RaggedTensorToTensor " +
    "SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum Unique",
  "pictures moved by computed boxes, or onto a canvas; tfjs has no gradient":
    "CropAndResize Draw RotateWithOffset Transform",
  "no gradient in tfjs, and no use in a step":
    "BitwiseAnd BroadcastArgs MaxPoolWithArgmax TensorScatterUpdate",
  "drawn on the host: multinomial of ours takes its place": "Multinomial",
};

await loadParts();
const registered = getKernelsForBackend("cpu").map(({ kernelName }) => kernelName);

test("128 of tfjs's 172 kernels are traced, and the reason for each other is known", () => {
  const known = registered.filter((name) => Object.hasOwn(KERNELS, name));
  expect([known.length, registered.length]).toEqual([128, 172]);
  const reasons = Object.values(LEFT_OUT).flatMap((names) => names.split(" "));
  const others = registered.filter((name) => !known.includes(name));
  expect(reasons.sort()).toEqual(others.sort());
});
