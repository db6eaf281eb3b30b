/** Ops that make each element from the same element of their inputs, with broadcasting. */
import { sizeOf } from "@hone/core/kernels";
import {
  bitsOf,
  elementType,
  type Kernel,
  type Kernels,
  numberOf,
  output,
  overElements,
} from "./kernel.js";
import { library } from "./library.js";
import { maps } from "./map.js";
import { pointwise } from "./pointwise.js";
import { comparisons, literal, scalars } from "./scalar.js";

/** Ops that are no operation of a Map. */
const OTHERS = {
  Relu: "relu(a)",
  Relu6: "select(clamp(a, 0.0, 6.0), a, is_nan(a))",
  Elu: "elu(a)",
  Selu: "selu(a)",
  LeakyRelu: "select(b * a, a, a > 0.0)",
  ClipByValue: "select(clamp(a, b, c), a, is_nan(a))",
};

/** Attributes that are an op's further values, after its inputs. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  LeakyRelu: ["alpha"],
  Step: ["alpha"],
  ClipByValue: ["clipValueMin", "clipValueMax"],
};

/** @param text of the values `a`, `b` and `c` */
function made(text: string): Kernel {
  return (call) =>
    pointwise(call, ({ elements, results }) => {
      const parameters = PARAMETERS[call.op] ?? [];
      const numbers = parameters.map((name) => literal(Number(call.attributes[name] ?? 0)));
      return [
        ...[...elements, ...numbers].map((value, index) => `let ${"abc"[index]} = ${value};`),
        `${results[0]} = ${text};`,
      ].join(" ");
    });
}

/** Between float32 and int32, truncating. */
const castKernel: Kernel = (call, traits) =>
  made(`${elementType(output(call).dtype)}(a)`)(call, traits);

const fillKernel: Kernel = (call) => {
  const result = output(call);
  return overElements(sizeOf(result.shape), {
    sources: [library.fill],
    constants: { VALUE_BITS: bitsOf(numberOf(call, "value"), result.dtype) },
    prelude: [`alias Element = ${elementType(result.dtype)};`],
    read: {},
    write: { result },
  });
};

const texts = {
  ...scalars,
  ...OTHERS,
  ...Object.fromEntries(
    Object.entries(comparisons).map(([op, text]) => [op, `select(0.0, 1.0, ${text})`]),
  ),
};

export const kernels: Kernels = {
  ...Object.fromEntries(Object.entries(texts).map(([op, text]) => [op, made(text)])),
  ...maps,
  Cast: castKernel,
  Fill: fillKernel,
};
