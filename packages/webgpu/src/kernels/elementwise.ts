/** Ops that make each element from the same element of their inputs, with broadcasting. */

import { broadcastStrides, sizeOf } from "@hone/core/backend";
import { axesConstants, mergeAxes } from "./axes.js";
import binary from "./binary.wgsl";
import cast from "./cast.wgsl";
import { COMPARISONS } from "./comparisons.js";
import fill from "./fill.wgsl";
import {
  type DispatchOptions,
  dispatch,
  elementType,
  floatBits,
  input,
  type Kernel,
  type Kernels,
  numberOf,
  output,
} from "./kernel.js";
import coordinates from "./library/coordinates.wgsl";
import functions from "./library/functions.wgsl";
import number from "./library/number.wgsl";
import pairs from "./library/pairs.wgsl";
import select from "./select.wgsl";
import unary from "./unary.wgsl";

const WORKGROUP = 128;

/** One invocation an element. */
export function overElements(
  length: number,
  options: Omit<DispatchOptions, "workgroups">,
): ReturnType<Kernel> {
  if (length === 0) return [];
  const constants = { ...options.constants, LENGTH: length, WORKGROUP };
  return [dispatch({ ...options, constants, workgroups: Math.ceil(length / WORKGROUP) })];
}

const UNARY: Readonly<Record<string, string>> = {
  Identity: "x",
  Abs: "abs(x)",
  Neg: "-x",
  Sign: "sign_of(x)",
  Sqrt: "square_root(x)",
  Rsqrt: "1.0 / square_root(x)",
  Square: "x * x",
  Reciprocal: "1.0 / x",
  Exp: "exponential(x)",
  Log: "logarithm(x)",
  Tanh: "hyperbolic_tangent(x)",
  Sigmoid: "sigmoid(x)",
  Erf: "error_function(x)",
  Softplus: "softplus(x)",
  Relu: "relu(x)",
  Relu6: "relu6(x)",
  Elu: "elu(x)",
  Selu: "selu(x)",
  LeakyRelu: "leaky_relu(x)",
  Step: "step_at_zero(x)",
  ClipByValue: "clip(x)",
};

/** Ops on float32; they broadcast. */
const BINARY: Readonly<Record<string, string>> = {
  Add: "a + b",
  Sub: "a - b",
  Multiply: "a * b",
  RealDiv: "a / b",
  Maximum: "maximum(a, b)",
  Minimum: "minimum(a, b)",
  Pow: "power(a, b)",
  SquaredDifference: "squared_difference(a, b)",
  EluGrad: "elu_gradient(a, b)",
};

function unaryKernel(expression: string): Kernel {
  return (call) => {
    const x = input(call, 0);
    const result = output(call);
    const element = elementType(x.dtype);
    const plain = expression === "x";
    return overElements(sizeOf(result.shape), {
      sources: [unary, functions, number],
      constants: {
        ALPHA: "alpha" in call.attributes ? numberOf(call, "alpha") : 0,
        MINIMUM_BITS:
          "clipValueMin" in call.attributes ? floatBits(numberOf(call, "clipValueMin")) : 0,
        MAXIMUM_BITS:
          "clipValueMax" in call.attributes ? floatBits(numberOf(call, "clipValueMax")) : 0,
      },
      prelude: [
        plain
          ? `fn apply(x: ${element}) -> ${element} { return x; }`
          : `fn apply(x: f32) -> f32 { return ${expression}; }`,
      ],
      read: { x },
      write: { result },
    });
  };
}

function binaryKernel(apply: (element: string) => string): Kernel {
  return (call) => {
    const [a, b, result] = [input(call, 0), input(call, 1), output(call)];
    const axes = mergeAxes(result.shape, [
      broadcastStrides(a.shape, result.shape),
      broadcastStrides(b.shape, result.shape),
    ]);
    return overElements(sizeOf(result.shape), {
      sources: [binary, pairs, coordinates, number],
      constants: axesConstants(axes, ["A", "B"]),
      prelude: [apply(elementType(a.dtype))],
      read: { a, b },
      write: { result },
    });
  };
}

const selectKernel: Kernel = (call) => {
  const [condition, a, b] = [input(call, 0), input(call, 1), input(call, 2)];
  const result = output(call);
  const axes = mergeAxes(
    result.shape,
    [condition, a, b].map((operand) => broadcastStrides(operand.shape, result.shape)),
  );
  return overElements(sizeOf(result.shape), {
    sources: [select, coordinates],
    constants: axesConstants(axes, ["CONDITION", "A", "B"]),
    read: { condition, a, b },
    write: { result },
  });
};

const fillKernel: Kernel = (call) => {
  const result = output(call);
  const value = numberOf(call, "value");
  return overElements(sizeOf(result.shape), {
    sources: [fill],
    constants: { VALUE_BITS: bitsOf(value, result.dtype) },
    prelude: [`alias Element = ${elementType(result.dtype)};`],
    read: {},
    write: { result },
  });
};

const castKernel: Kernel = (call) => {
  const [x, result] = [input(call, 0), output(call)];
  return overElements(sizeOf(result.shape), {
    sources: [cast],
    constants: {},
    prelude: [`alias Element = ${elementType(result.dtype)};`],
    read: { x },
    write: { result },
  });
};

/** A value's bits as an element of memory. */
export function bitsOf(value: number, dtype: string): number {
  return dtype === "float32" ? floatBits(value) : value >>> 0;
}

export const elementwise: Kernels = {
  ...Object.fromEntries(Object.entries(UNARY).map(([op, text]) => [op, unaryKernel(text)])),
  ...Object.fromEntries(
    Object.entries(BINARY).map(([op, text]) => [
      op,
      binaryKernel(() => `fn apply(a: f32, b: f32) -> f32 { return ${text}; }`),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(COMPARISONS).map(([op, sign]) => [
      op,
      binaryKernel(
        (element) =>
          `fn apply(a: ${element}, b: ${element}) -> f32 { return select(0.0, 1.0, a ${sign} b); }`,
      ),
    ]),
  ),
  Cast: castKernel,
  Select: selectKernel,
  Fill: fillKernel,
};
