/** Kernels that compute each element on its own by one op of the graph: those that networks are mostly made of. */
import type { Traced, TracedBuilder } from "../traced.js";
import type { Kernel, KernelCall, Kernels } from "./kernel.js";

const OF_FLOATS = [
  "Sqrt",
  "Rsqrt",
  "Reciprocal",
  "Exp",
  "Log",
  "Tanh",
  "Sigmoid",
  "Erf",
  "Softplus",
];
const OF_NUMBERS = ["Abs", "Neg", "Sign", "Square", "Relu", "Relu6", "Elu", "Selu"];
const ARITHMETIC = ["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference"];

export const table = (names: readonly string[], kernelOf: (name: string) => Kernel): Kernels =>
  Object.fromEntries(names.map((name) => [name, kernelOf(name)]));

export const operands = ({ build, input }: KernelCall): [Traced, Traced] => [
  build.float(input("a")),
  build.float(input("b")),
];

/** relu(x) + alpha · min(x, 0) */
export function leaky(build: TracedBuilder, x: Traced, alpha: Traced): Traced {
  const below = build.elementwise("Minimum", [x, build.scalar(0)]);
  return build.elementwise("Add", [
    build.unary("Relu", x),
    build.elementwise("Multiply", [alpha, below]),
  ]);
}

export const elementwiseKernels: Kernels = {
  ...table(
    OF_FLOATS,
    (name) =>
      ({ build, input }) =>
        build.unary(name, input("x"), {}, "float32"),
  ),
  ...table(
    OF_NUMBERS,
    (name) =>
      ({ build, input }) =>
        build.unary(name, input("x")),
  ),
  ...table(ARITHMETIC, (name) => (call) => {
    const dtype = name === "RealDiv" ? "float32" : call.input("a").dtype;
    return call.build.elementwise(name, operands(call), dtype);
  }),
  Identity: ({ input }) => input("x"),
};
