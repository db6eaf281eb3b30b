/**
 * Ops of one tensor, element by element. Each is written so that NaN comes out as NaN.
 *
 * An op is a loop over a piece of doubles, changed in place: a function called for every element
 * would make an object for every number it takes and returns.
 */
import { type Call, numberAttribute } from "@hone/core/backend";
import { erf } from "./erf.js";
import {
  input,
  type Kernel,
  type KernelFactory,
  type KernelTable,
  output,
  type Views,
} from "./kernel.js";

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const PIECE = 1024;
/** All calls', since one computes at a time. */
const piece = new Float64Array(PIECE);

/** Changes the first `n` elements of x. */
type Loop = (x: Float64Array, n: number) => void;

export const unaryLoops: Readonly<Record<string, Loop>> = {
  Abs: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.abs(x[i] as number);
  },
  Neg: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = -(x[i] as number);
  },
  Sign: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.sign(x[i] as number);
  },
  Floor: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.floor(x[i] as number);
  },
  Sqrt: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.sqrt(x[i] as number);
  },
  Rsqrt: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = 1 / Math.sqrt(x[i] as number);
  },
  Square: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = (x[i] as number) ** 2;
  },
  Reciprocal: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = 1 / (x[i] as number);
  },
  Exp: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.exp(x[i] as number);
  },
  Log: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.log(x[i] as number);
  },
  Tanh: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.tanh(x[i] as number);
  },
  Sigmoid: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = 1 / (1 + Math.exp(-(x[i] as number)));
  },
  Erf: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = erf(x[i] as number);
  },
  Softplus: (x, n) => {
    for (let i = 0; i < n; i++) {
      const value = x[i] as number;
      x[i] = Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
    }
  },
  Relu: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.max(x[i] as number, 0);
  },
  Relu6: (x, n) => {
    for (let i = 0; i < n; i++) x[i] = Math.min(Math.max(x[i] as number, 0), 6);
  },
  Elu: (x, n) => {
    for (let i = 0; i < n; i++) {
      const value = x[i] as number;
      x[i] = value >= 0 ? value : Math.expm1(value);
    }
  },
  Selu: (x, n) => {
    for (let i = 0; i < n; i++) {
      const value = x[i] as number;
      x[i] = SELU_SCALE * (value >= 0 ? value : SELU_ALPHA * Math.expm1(value));
    }
  },
};

const loopsWithAttributes: Readonly<Record<string, (call: Call) => Loop>> = {
  LeakyRelu: (call) => {
    const alpha = numberAttribute(call, "alpha");
    return (x, n) => {
      for (let i = 0; i < n; i++) {
        const value = x[i] as number;
        x[i] = value > 0 ? value : alpha * value;
      }
    };
  },
  Step: (call) => {
    const alpha = numberAttribute(call, "alpha");
    return (x, n) => {
      for (let i = 0; i < n; i++) {
        const value = x[i] as number;
        x[i] = value > 0 ? 1 : value <= 0 ? alpha : Number.NaN;
      }
    };
  },
  ClipByValue: (call) => {
    const least = numberAttribute(call, "clipValueMin");
    const most = numberAttribute(call, "clipValueMax");
    return (x, n) => {
      for (let i = 0; i < n; i++) x[i] = Math.min(Math.max(x[i] as number, least), most);
    };
  },
};

function mapKernel(call: Call, views: Views, loop: Loop): Kernel {
  const x = input(call, views, 0);
  const y = output(call, views);
  return () => {
    for (let start = 0; start < y.length; start += PIECE) {
      const n = Math.min(PIECE, y.length - start);
      for (let i = 0; i < n; i++) piece[i] = x[start + i] as number;
      loop(piece, n);
      for (let i = 0; i < n; i++) y[start + i] = piece[i] as number;
    }
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
    Object.entries(unaryLoops).map(([op, loop]): [string, KernelFactory] => [
      op,
      (call, views) => mapKernel(call, views, loop),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(loopsWithAttributes).map(([op, make]): [string, KernelFactory] => [
      op,
      (call, views) => mapKernel(call, views, make(call)),
    ]),
  ),
};
