// Functions of one tensor, element by element.
import { blockElements, blockOffset } from "./blocks";
import { storeLanes } from "./lanes";
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
const TO_INT = 20;
const TO_FLOAT = 21;

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
  if (op == TO_INT) return i32x4.trunc_sat_f32x4_s(v);
  if (op == TO_FLOAT) return f32x4.convert_i32x4_s(v);
  return v;
}

/** Whether four vectors a turn pay: a longer function hides what the loop costs. */
// @ts-ignore: decorator
@inline
function isShort(op: i32): bool {
  return op <= RECIPROCAL || op == RELU || op == RELU6 || op >= LEAKY_RELU;
}

/** One record for all; p and q are the op's attributes. A unit is a block of elements. */
// @ts-ignore: decorator
@unmanaged
class Unary {
  x: usize;
  y: usize;
  count: i32;
  p: f32;
  q: f32;
}

// @ts-ignore: decorator
@inline
function map(op: i32, record: usize, begin: i32, end: i32): void {
  const r = changetype<Unary>(record);
  let x = r.x + blockOffset(begin);
  let y = r.y + blockOffset(begin);
  const p = constant(r.p);
  const q = constant(r.q);
  let left = blockElements(begin, end, r.count);
  if (isShort(op)) {
    for (; left >= 16; left -= 16) {
      v128.store(y, apply(op, v128.load(x), p, q));
      v128.store(y, apply(op, v128.load(x, 16), p, q), 16);
      v128.store(y, apply(op, v128.load(x, 32), p, q), 32);
      v128.store(y, apply(op, v128.load(x, 48), p, q), 48);
      x += 64;
      y += 64;
    }
  }
  for (; left >= 4; left -= 4) {
    v128.store(y, apply(op, v128.load(x), p, q));
    x += 16;
    y += 16;
  }
  if (left > 0) storeLanes(y, apply(op, v128.load(x), p, q), left);
}

export function unaryAbs(record: usize, begin: i32, end: i32): void {
  map(ABS, record, begin, end);
}
export function unaryNeg(record: usize, begin: i32, end: i32): void {
  map(NEG, record, begin, end);
}
export function unarySign(record: usize, begin: i32, end: i32): void {
  map(SIGN, record, begin, end);
}
export function unarySqrt(record: usize, begin: i32, end: i32): void {
  map(SQRT, record, begin, end);
}
export function unaryRsqrt(record: usize, begin: i32, end: i32): void {
  map(RSQRT, record, begin, end);
}
export function unarySquare(record: usize, begin: i32, end: i32): void {
  map(SQUARE, record, begin, end);
}
export function unaryReciprocal(record: usize, begin: i32, end: i32): void {
  map(RECIPROCAL, record, begin, end);
}
export function unaryExp(record: usize, begin: i32, end: i32): void {
  map(EXP, record, begin, end);
}
export function unaryLog(record: usize, begin: i32, end: i32): void {
  map(LOG, record, begin, end);
}
export function unaryTanh(record: usize, begin: i32, end: i32): void {
  map(TANH, record, begin, end);
}
export function unarySigmoid(record: usize, begin: i32, end: i32): void {
  map(SIGMOID, record, begin, end);
}
export function unaryErf(record: usize, begin: i32, end: i32): void {
  map(ERF, record, begin, end);
}
export function unarySoftplus(record: usize, begin: i32, end: i32): void {
  map(SOFTPLUS, record, begin, end);
}
export function unaryRelu(record: usize, begin: i32, end: i32): void {
  map(RELU, record, begin, end);
}
export function unaryRelu6(record: usize, begin: i32, end: i32): void {
  map(RELU6, record, begin, end);
}
export function unaryElu(record: usize, begin: i32, end: i32): void {
  map(ELU, record, begin, end);
}
export function unarySelu(record: usize, begin: i32, end: i32): void {
  map(SELU, record, begin, end);
}
export function unaryLeakyRelu(record: usize, begin: i32, end: i32): void {
  map(LEAKY_RELU, record, begin, end);
}
export function unaryStep(record: usize, begin: i32, end: i32): void {
  map(STEP, record, begin, end);
}
export function unaryClipByValue(record: usize, begin: i32, end: i32): void {
  map(CLIP_BY_VALUE, record, begin, end);
}

/** float32 to int32, truncating; NaN gives 0. */
export function castToInt(record: usize, begin: i32, end: i32): void {
  map(TO_INT, record, begin, end);
}
export function castToFloat(record: usize, begin: i32, end: i32): void {
  map(TO_FLOAT, record, begin, end);
}
