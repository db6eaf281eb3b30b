/** Elementwise kernels with a rule of their own: comparisons, choices, powers, casts, constants. */
import type { Traced } from "../traced.js";
import { leaky, operands, table } from "./elementwise.js";
import { type Kernel, type KernelCall, type Kernels, numberAttribute } from "./kernel.js";

const COMPARISONS = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"];

const withAttributes =
  (name: string, ...attributes: readonly string[]): Kernel =>
  (call) =>
    call.build.unary(
      name,
      call.input("x"),
      Object.fromEntries(attributes.map((key) => [key, numberAttribute(call, key)])),
    );

/** Integers are compared as they are, everything else as float32. */
function compare(call: KernelCall): Traced {
  const [a, b] = [call.input("a"), call.input("b")];
  const { graph } = call.build;
  const integers = [a, b].every(({ source }) => graph.tensor(source).dtype === "int32");
  return call.build.elementwise(call.name, integers ? [a, b] : operands(call), "bool");
}

/** Small whole exponents become products: a GPU's pow has no answer for a negative base. */
function power(call: KernelCall): Traced {
  const [base, exponent] = operands(call);
  const { build } = call;
  const unary = (op: string) => build.unary(op, base);
  if (exponent.shape.length <= base.shape.length) {
    const value = build.numberOf(exponent);
    if (value === 1) return base;
    if (value === 2) return unary("Square");
    if (value === 3) return build.elementwise("Multiply", [base, unary("Square")]);
    if (value === 4) return build.unary("Square", unary("Square"));
    if (value === 0.5) return unary("Sqrt");
    if (value === -0.5) return unary("Rsqrt");
    if (value === -1) return unary("Reciprocal");
  }
  return build.elementwise("Pow", [base, exponent]);
}

function cast(call: KernelCall): Traced {
  const x = call.input("x");
  const dtype = call.attributes.dtype;
  const { build } = call;
  if (dtype === x.dtype) return x;
  if (dtype === "float32") return { ...build.float(x), dtype };
  if (dtype === "bool") {
    return build.elementwise("NotEqual", [build.float(x), build.scalar(0)], "bool");
  }
  if (dtype !== "int32") call.refuse(`casts to ${dtype}. Use float32`);
  if (x.dtype === "bool") return { ...x, dtype };
  return build.unary("Cast", x, { dtype: "int32" }, "int32");
}

const filled =
  (value: number): Kernel =>
  ({ build, input }) => {
    const x = input("x");
    return { ...build.scalar(value), shape: x.shape, dtype: x.dtype, spread: true };
  };

function fill(call: KernelCall): Traced {
  const { shape, value } = call.attributes;
  if (typeof value !== "number") call.refuse(`fills a tensor with ${typeof value}s. Use numbers`);
  const scalar = call.build.constant(Float32Array.of(value), [], "float32");
  return { ...scalar, shape: shape as readonly number[], spread: true };
}

export const choiceKernels: Kernels = {
  ...table(COMPARISONS, () => compare),
  LeakyRelu: withAttributes("LeakyRelu", "alpha"),
  Step: withAttributes("Step", "alpha"),
  ClipByValue: withAttributes("ClipByValue", "clipValueMin", "clipValueMax"),
  Pow: power,
  Prelu: ({ build, input }) => leaky(build, input("x"), input("alpha")),
  Log1p: ({ build, input }) => {
    return build.unary("Log", build.elementwise("Add", [build.float(input("x")), build.scalar(1)]));
  },
  Expm1: ({ build, input }) => {
    return build.elementwise("Sub", [build.unary("Exp", input("x")), build.scalar(1)]);
  },
  AddN: ({ build, all }) => {
    return all()
      .map((x) => build.float(x))
      .reduce((a, b) => build.elementwise("Add", [a, b]));
  },
  Select: ({ build, input }) => {
    const values = [build.float(input("t")), build.float(input("e"))];
    const condition = input("condition");
    const rank = input("t").shape.length;
    // tfjs lets a condition of rank 1 choose whole rows.
    const rows = condition.shape.length === 1 && rank > 1;
    const shape = rows
      ? [...condition.shape, ...new Array<number>(rank - 1).fill(1)]
      : condition.shape;
    const fitting = build.reshape(build.float(condition), shape);
    return build.elementwise("Select", [fitting, ...values], input("t").dtype);
  },
  LogicalAnd: (call) => call.build.elementwise("Multiply", operands(call), "bool"),
  LogicalOr: (call) => call.build.elementwise("Maximum", operands(call), "bool"),
  LogicalNot: ({ build, input }) => build.elementwise("Sub", [build.scalar(1), input("x")], "bool"),
  Cast: cast,
  ZerosLike: filled(0),
  OnesLike: filled(1),
  Fill: fill,
};
