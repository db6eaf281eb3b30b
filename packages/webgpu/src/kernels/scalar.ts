/** What each scalar operation is in WGSL, of the values `a`, `b` and `c`: alike in an op of its own and within a Map. */
import type { ScalarOperation } from "@hone/core/kernels";
import { floatBits } from "./kernel.js";

const COMPARISONS = {
  Equal: "==",
  NotEqual: "!=",
  Greater: ">",
  GreaterEqual: ">=",
  Less: "<",
  LessEqual: "<=",
} as const;

export type Comparison = keyof typeof COMPARISONS;

/** Of float32 or int32; whether it holds. */
export const comparisons = Object.fromEntries(
  Object.entries(COMPARISONS).map(([op, sign]) => [op, `a ${sign} b`]),
) as Readonly<Record<Comparison, string>>;

export const scalars: Readonly<Record<Exclude<ScalarOperation, Comparison>, string>> = {
  Abs: "abs(a)",
  Neg: "-a",
  Sign: "sign_of(a)",
  Sqrt: "square_root(a)",
  Rsqrt: "1.0 / square_root(a)",
  Square: "a * a",
  Reciprocal: "1.0 / a",
  Exp: "exponential(a)",
  Log: "logarithm(a)",
  Tanh: "hyperbolic_tangent(a)",
  Sigmoid: "sigmoid(a)",
  Erf: "error_function(a)",
  Softplus: "softplus(a)",
  Add: "a + b",
  Sub: "a - b",
  Multiply: "a * b",
  RealDiv: "a / b",
  Maximum: "maximum(a, b)",
  Minimum: "minimum(a, b)",
  Pow: "power(a, b)",
  SquaredDifference: "squared_difference(a, b)",
  EluGrad: "elu_gradient(a, b)",
  Step: "select(select(b, 1.0, a > 0.0), a, is_nan(a))",
  Select: "select(c, b, a != 0)",
};

/** A float32. WGSL has no literals for what is no number, nor for what is too small to be normal. */
export function literal(value: number): string {
  const size = Math.abs(value);
  const isPlain = size > 1.2e-38 && size < 3.4e38;
  if (isPlain || Object.is(value, 0)) return `f32(${value})`;
  return `from_bits(${floatBits(value)}u)`;
}
