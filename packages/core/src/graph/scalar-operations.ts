/** The operations on single elements that an expression is made of. A file of its own: a page that only predicts needs their names. */

/** How many operands each takes. `Step` is 1 for a > 0 and b for a ≤ 0, b being a constant. */
export const ARITY = {
  Abs: 1,
  Neg: 1,
  Sign: 1,
  Sqrt: 1,
  Rsqrt: 1,
  Square: 1,
  Reciprocal: 1,
  Exp: 1,
  Log: 1,
  Tanh: 1,
  Sigmoid: 1,
  Erf: 1,
  Softplus: 1,
  Add: 2,
  Sub: 2,
  Multiply: 2,
  RealDiv: 2,
  Maximum: 2,
  Minimum: 2,
  Pow: 2,
  SquaredDifference: 2,
  EluGrad: 2,
  Step: 2,
  Equal: 2,
  NotEqual: 2,
  Greater: 2,
  GreaterEqual: 2,
  Less: 2,
  LessEqual: 2,
  Select: 3,
} as const;

/** The scalar operations that a Map may have. */
export type ScalarOperation = keyof typeof ARITY;
/** All of them. */
export const scalarOperations = Object.keys(ARITY) as readonly ScalarOperation[];
