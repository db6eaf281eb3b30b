/** Matrix products, convolution, pooling; fused kernels come apart into primitives. */
import { backend_util } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../graph/geometry.js";
import type { Traced } from "../traced.js";
import { leaky } from "./elementwise.js";
import { type KernelCall, type Kernels, numberAttribute } from "./kernel.js";

type Size4 = [number, number, number, number];
type Window = number | [number, number];
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];

/** A product of stacks of matrices; stacks of one are handed on as plain matrices. */
function product(call: KernelCall): { result: Traced; shape: readonly number[] } {
  const { build } = call;
  const [a, b] = [build.float(call.input("a")), build.float(call.input("b"))];
  const attributes = {
    transposeA: call.attributes.transposeA === true,
    transposeB: call.attributes.transposeB === true,
  };
  const [leadA, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [countA, countB] = [sizeOf(leadA), sizeOf(leadB)];
  const lead = countA >= countB && leadA.length >= leadB.length ? leadA : leadB;
  if (`${leadA}` !== `${leadB}` && countA !== 1 && countB !== 1) {
    call.refuse(
      `multiplies stacks of matrices [${a.shape}] and [${b.shape}]. Give both the same leading axes`,
    );
  }
  const matrices = (x: Traced, count: number) => {
    const matrix = x.shape.slice(-2);
    return build.dense(
      build.reshape(x, countA === 1 && countB === 1 ? matrix : [count, ...matrix]),
    );
  };
  const source = build.graph.op(
    "BatchMatMul",
    [matrices(a, countA), matrices(b, countB)],
    attributes,
  );
  return { result: build.from(source), shape: [...lead, ...build.graph.shape(source).slice(-2)] };
}

/** Activations that are one op, by tfjs's name. */
const FUSED: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
};

/** Bias and activation, as tfjs fuses them. */
export function epilogue(call: KernelCall, x: Traced): Traced {
  const { build } = call;
  const bias = call.optional("bias");
  const sum = bias ? build.elementwise("Add", [x, build.float(bias)]) : x;
  const activation = `${call.attributes.activation ?? "linear"}`;
  if (activation === "linear") return sum;
  if (activation === "prelu") return leaky(build, sum, call.input("preluActivationWeights"));
  if (activation === "leakyrelu") {
    return build.unary("LeakyRelu", sum, { alpha: numberAttribute(call, "leakyreluAlpha", 0.2) });
  }
  const op = FUSED[activation];
  if (op) return build.unary(op, sum);
  return call.refuse(`fuses the activation "${activation}". Use a separate activation layer`);
}

function fusedMatMul(call: KernelCall): Traced {
  const { build } = call;
  const { result, shape } = product(call);
  const bias = call.optional("bias");
  // A bias of the product's own rank must meet it in its own shape.
  const early = (bias?.shape.length ?? 0) > result.shape.length;
  return build.reshape(epilogue(call, early ? build.reshape(result, shape) : result), shape);
}

function convolution(call: KernelCall): Traced {
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
    );
  const source = build.graph.op("Conv2D", [build.dense(x), build.dense(filter)], {
    strides: [strideHeight, strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
    dilations: [dilationHeight, dilationWidth],
  });
  return build.from(source);
}

function pool(call: KernelCall): Traced {
  const { build, attributes } = call;
  const x = build.float(call.input("x"));
  const { padInfo, filterHeight, filterWidth, strideHeight, strideWidth } =
    backend_util.computePool2DInfo(
      [...x.shape] as Size4,
      attributes.filterSize as Window,
      attributes.strides as Window,
      1,
      attributes.pad as Padding,
      attributes.dimRoundingMode as "floor",
    );
  const source = build.graph.op(call.name, [build.dense(x)], {
    filterSize: [filterHeight, filterWidth],
    strides: [strideHeight, strideWidth],
    padding: [padInfo.top, padInfo.bottom, padInfo.left, padInfo.right],
  });
  return build.from(source);
}

export const denseKernels: Kernels = {
  BatchMatMul: (call) => {
    const { result, shape } = product(call);
    return call.build.reshape(result, shape);
  },
  _FusedMatMul: fusedMatMul,
  Conv2D: convolution,
  FusedConv2D: (call) => epilogue(call, convolution(call)),
  MaxPool: pool,
  AvgPool: pool,
};
