// Functions of one tensor, element by element: x, y and the number of elements, then parameters.
import { storeUpTo } from "./lanes";
import {
  constant,
  erf4,
  exp4,
  expm1Negative,
  log4,
  sigmoid4,
  softplus4,
  step4,
  tanh4,
} from "./math";

const ABS = 0;
const NEG = 1;
const SIGN = 2;
const SQRT = 3;
const RSQRT = 4;
const SQUARE = 5;
const RECIPROCAL = 6;
const EXP = 7;
const LOG = 8;
const TANH = 9;
const SIGMOID = 10;
const ERF = 11;
const SOFTPLUS = 12;
const RELU = 13;
const RELU6 = 14;
const ELU = 15;
const SELU = 16;
const LEAKY_RELU = 17;
const STEP = 18;
const CLIP_BY_VALUE = 19;

// @ts-ignore: decorator
@inline
function sign4(v: v128): v128 {
  const one = v128.and(f32x4.gt(v, constant(0)), constant(1));
  const signed = v128.or(one, v128.and(f32x4.lt(v, constant(0)), constant(-1)));
  return v128.bitselect(v, signed, f32x4.ne(v, v));
}

// @ts-ignore: decorator
@inline
function elu4(v: v128, above: f32, below: f32): v128 {
  const negative = f32x4.mul(expm1Negative(v), constant(below));
  const positive = f32x4.mul(v, constant(above));
  return v128.bitselect(positive, negative, f32x4.ge(v, constant(0)));
}

/** `op` is known when this is inlined, so that one branch is left. */
// @ts-ignore: decorator
@inline
function apply(op: i32, v: v128, p: v128, q: v128): v128 {
  if (op == ABS) return f32x4.abs(v);
  if (op == NEG) return f32x4.neg(v);
  if (op == SIGN) return sign4(v);
  if (op == SQRT) return f32x4.sqrt(v);
  if (op == RSQRT) return f32x4.div(constant(1), f32x4.sqrt(v));
  if (op == SQUARE) return f32x4.mul(v, v);
  if (op == RECIPROCAL) return f32x4.div(constant(1), v);
  if (op == EXP) return exp4(v);
  if (op == LOG) return log4(v);
  if (op == TANH) return tanh4(v);
  if (op == SIGMOID) return sigmoid4(v);
  if (op == ERF) return erf4(v);
  if (op == SOFTPLUS) return softplus4(v);
  if (op == RELU) return f32x4.pmax(v, constant(0));
  if (op == RELU6) return f32x4.pmin(f32x4.pmax(v, constant(0)), constant(6));
  if (op == ELU) return elu4(v, 1, 1);
  if (op == SELU) return elu4(v, 1.0507009873554805, 1.7580993408473766);
  if (op == LEAKY_RELU) return v128.bitselect(v, f32x4.mul(v, p), f32x4.gt(v, constant(0)));
  if (op == STEP) return step4(v, p);
  if (op == CLIP_BY_VALUE) return f32x4.min(f32x4.max(v, p), q);
  return v;
}

// @ts-ignore: decorator
@inline
function map(op: i32, x: usize, y: usize, n: i32, p: v128, q: v128): void {
  while (n > 0) {
    storeUpTo(y, apply(op, v128.load(x), p, q), n);
    x += 16;
    y += 16;
    n -= 4;
  }
}

export function unaryAbs(x: usize, y: usize, n: i32): void {
  map(ABS, x, y, n, constant(0), constant(0));
}
export function unaryNeg(x: usize, y: usize, n: i32): void {
  map(NEG, x, y, n, constant(0), constant(0));
}
export function unarySign(x: usize, y: usize, n: i32): void {
  map(SIGN, x, y, n, constant(0), constant(0));
}
export function unarySqrt(x: usize, y: usize, n: i32): void {
  map(SQRT, x, y, n, constant(0), constant(0));
}
export function unaryRsqrt(x: usize, y: usize, n: i32): void {
  map(RSQRT, x, y, n, constant(0), constant(0));
}
export function unarySquare(x: usize, y: usize, n: i32): void {
  map(SQUARE, x, y, n, constant(0), constant(0));
}
export function unaryReciprocal(x: usize, y: usize, n: i32): void {
  map(RECIPROCAL, x, y, n, constant(0), constant(0));
}
export function unaryExp(x: usize, y: usize, n: i32): void {
  map(EXP, x, y, n, constant(0), constant(0));
}
export function unaryLog(x: usize, y: usize, n: i32): void {
  map(LOG, x, y, n, constant(0), constant(0));
}
export function unaryTanh(x: usize, y: usize, n: i32): void {
  map(TANH, x, y, n, constant(0), constant(0));
}
export function unarySigmoid(x: usize, y: usize, n: i32): void {
  map(SIGMOID, x, y, n, constant(0), constant(0));
}
export function unaryErf(x: usize, y: usize, n: i32): void {
  map(ERF, x, y, n, constant(0), constant(0));
}
export function unarySoftplus(x: usize, y: usize, n: i32): void {
  map(SOFTPLUS, x, y, n, constant(0), constant(0));
}
export function unaryRelu(x: usize, y: usize, n: i32): void {
  map(RELU, x, y, n, constant(0), constant(0));
}
export function unaryRelu6(x: usize, y: usize, n: i32): void {
  map(RELU6, x, y, n, constant(0), constant(0));
}
export function unaryElu(x: usize, y: usize, n: i32): void {
  map(ELU, x, y, n, constant(0), constant(0));
}
export function unarySelu(x: usize, y: usize, n: i32): void {
  map(SELU, x, y, n, constant(0), constant(0));
}

export function unaryLeakyRelu(x: usize, y: usize, n: i32, alpha: f32): void {
  map(LEAKY_RELU, x, y, n, constant(alpha), constant(0));
}
export function unaryStep(x: usize, y: usize, n: i32, alpha: f32): void {
  map(STEP, x, y, n, constant(alpha), constant(0));
}
export function unaryClipByValue(x: usize, y: usize, n: i32, low: f32, high: f32): void {
  map(CLIP_BY_VALUE, x, y, n, constant(low), constant(high));
}

/** float32 to int32, truncating; NaN gives 0. */
export function castToInt(x: usize, y: usize, n: i32): void {
  while (n > 0) {
    storeUpTo(y, i32x4.trunc_sat_f32x4_s(v128.load(x)), n);
    x += 16;
    y += 16;
    n -= 4;
  }
}

export function castToFloat(x: usize, y: usize, n: i32): void {
  while (n > 0) {
    storeUpTo(y, f32x4.convert_i32x4_s(v128.load(x)), n);
    x += 16;
    y += 16;
    n -= 4;
  }
}
