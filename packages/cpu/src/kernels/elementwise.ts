/** Ops of one tensor, element by element. Each is written so that NaN comes out as NaN. */
import type { Call } from "@hone/core/backend";
import { erf } from "./erf.js";
import {
  input,
  type KernelFactory,
  type KernelTable,
  numberAttribute,
  output,
  type Views,
} from "./kernel.js";

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

type Unary = (x: number) => number;

const functions: Readonly<Record<string, Unary>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Sign: Math.sign,
  Sqrt: Math.sqrt,
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Square: (x) => x * x,
  Reciprocal: (x) => 1 / x,
  Exp: Math.exp,
  Log: Math.log,
  Tanh: Math.tanh,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Erf: erf,
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Relu: (x) => Math.max(x, 0),
  Relu6: (x) => Math.min(Math.max(x, 0), 6),
  Elu: (x) => (x >= 0 ? x : Math.expm1(x)),
  Selu: (x) => SELU_SCALE * (x >= 0 ? x : SELU_ALPHA * Math.expm1(x)),
};

const functionsWithAttributes: Readonly<Record<string, (call: Call) => Unary>> = {
  LeakyRelu: (call) => {
    const alpha = numberAttribute(call, "alpha");
    return (x) => (x > 0 ? x : alpha * x);
  },
  Step: (call) => {
    const alpha = numberAttribute(call, "alpha");
    return (x) => (x > 0 ? 1 : x <= 0 ? alpha : Number.NaN);
  },
  ClipByValue: (call) => {
    const least = numberAttribute(call, "clipValueMin");
    const most = numberAttribute(call, "clipValueMax");
    return (x) => Math.min(Math.max(x, least), most);
  },
};

function mapKernel(call: Call, views: Views, apply: Unary) {
  const x = input(call, views, 0);
  const y = output(call, views);
  const size = y.length;
  return () => {
    for (let i = 0; i < size; i++) y[i] = apply(x[i] as number);
  };
}

/** Storing into another type of array is the conversion: int32 truncates, float32 rounds. */
const copy: KernelFactory = (call, views) => {
  const x = input(call, views, 0);
  const y = output(call, views);
  return () => y.set(x);
};

const fill: KernelFactory = (call, views) => {
  const y = output(call, views);
  const value = numberAttribute(call, "value");
  return () => {
    y.fill(value);
  };
};

export const elementwiseKernels: KernelTable = {
  Identity: copy,
  Cast: copy,
  Fill: fill,
  ...Object.fromEntries(
    Object.entries(functions).map(([op, apply]): [string, KernelFactory] => [
      op,
      (call, views) => mapKernel(call, views, apply),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(functionsWithAttributes).map(([op, make]): [string, KernelFactory] => [
      op,
      (call, views) => mapKernel(call, views, make(call)),
    ]),
  ),
};
