// Functions of two tensors with numpy broadcasting, and Select.
//
// The host folds neighbouring axes that both inputs walk alike, so that three loops are left: a row
// (each input moves by one element or not at all), rows at a fixed distance, and the axes outside.
import { outerOffset } from "./axes";
import { storeUpTo } from "./lanes";
import { constant, step4 } from "./math";

/** One record per call, in the executable's tables. Steps are bytes between neighbours. */
// @ts-ignore: decorator
@unmanaged
class Rows {
  inner: i32;
  innerA: i32;
  innerB: i32;
  innerC: i32;
  middle: i32;
  middleA: i32;
  middleB: i32;
  middleC: i32;
  outer: i32;
  outerRank: i32;
}
const AXES = offsetof<Rows>();
/** An outer axis: its extent and the three inputs' steps; the last axis stands first. */
const AXIS_BYTES = 16;

/** How far an input lies for outer index `index`; its steps stand `field` bytes into an axis. */
// @ts-ignore: decorator
@inline
function offsetOf(rows: Rows, index: i32, field: usize): usize {
  const axes = changetype<usize>(rows) + AXES;
  return outerOffset(axes, rows.outerRank, index, AXIS_BYTES, field);
}

const ADD = 0;
const SUB = 1;
const MULTIPLY = 2;
const REAL_DIV = 3;
const MAXIMUM = 4;
const MINIMUM = 5;
const POW = 6;
const SQUARED_DIFFERENCE = 7;
const ELU_GRAD = 8;
const EQUAL = 9;
const NOT_EQUAL = 10;
const GREATER = 11;
const GREATER_EQUAL = 12;
const LESS = 13;
const LESS_EQUAL = 14;
const EQUAL_INT = 15;
const NOT_EQUAL_INT = 16;
const GREATER_INT = 17;
const GREATER_EQUAL_INT = 18;
const LESS_INT = 19;
const LESS_EQUAL_INT = 20;

function pow4(a: v128, b: v128): v128 {
  return f32x4(
    Mathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    Mathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    Mathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    Mathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
}

// @ts-ignore: decorator
@inline
function square(v: v128): v128 {
  return f32x4.mul(v, v);
}

// @ts-ignore: decorator
@inline
function truth(mask: v128): v128 {
  return v128.and(mask, constant(1));
}

// @ts-ignore: decorator
@inline
function eluGrad4(dy: v128, y: v128): v128 {
  const below = f32x4.mul(dy, f32x4.add(y, constant(1)));
  return v128.bitselect(dy, below, f32x4.ge(y, constant(0)));
}

/** `op` is known when this is inlined, so that one branch is left. */
// @ts-ignore: decorator
@inline
function apply(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MULTIPLY) return f32x4.mul(a, b);
  if (op == REAL_DIV) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == POW) return pow4(a, b);
  if (op == SQUARED_DIFFERENCE) return square(f32x4.sub(a, b));
  if (op == ELU_GRAD) return eluGrad4(a, b);
  if (op == EQUAL) return truth(f32x4.eq(a, b));
  if (op == NOT_EQUAL) return truth(f32x4.ne(a, b));
  if (op == GREATER) return truth(f32x4.gt(a, b));
  if (op == GREATER_EQUAL) return truth(f32x4.ge(a, b));
  if (op == LESS) return truth(f32x4.lt(a, b));
  if (op == LESS_EQUAL) return truth(f32x4.le(a, b));
  if (op == EQUAL_INT) return truth(i32x4.eq(a, b));
  if (op == NOT_EQUAL_INT) return truth(i32x4.ne(a, b));
  if (op == GREATER_INT) return truth(i32x4.gt_s(a, b));
  if (op == GREATER_EQUAL_INT) return truth(i32x4.ge_s(a, b));
  if (op == LESS_INT) return truth(i32x4.lt_s(a, b));
  if (op == LESS_EQUAL_INT) return truth(i32x4.le_s(a, b));
  return a;
}

// @ts-ignore: decorator
@inline
function row(op: i32, a: usize, b: usize, y: usize, n: i32, stepA: i32, stepB: i32): void {
  if (stepA == 0) {
    const va = v128.load_splat<f32>(a);
    while (n > 0) {
      storeUpTo(y, apply(op, va, v128.load(b)), n);
      b += 16;
      y += 16;
      n -= 4;
    }
  } else if (stepB == 0) {
    const vb = v128.load_splat<f32>(b);
    while (n > 0) {
      storeUpTo(y, apply(op, v128.load(a), vb), n);
      a += 16;
      y += 16;
      n -= 4;
    }
  } else {
    while (n > 0) {
      storeUpTo(y, apply(op, v128.load(a), v128.load(b)), n);
      a += 16;
      b += 16;
      y += 16;
      n -= 4;
    }
  }
}

// @ts-ignore: decorator
@inline
function broadcast(op: i32, a: usize, b: usize, y: usize, table: usize): void {
  const rows = changetype<Rows>(table);
  const rowBytes = (<usize>rows.inner) << 2;
  for (let i = 0; i < rows.outer; i++) {
    let rowA = a + offsetOf(rows, i, 4);
    let rowB = b + offsetOf(rows, i, 8);
    for (let j = 0; j < rows.middle; j++) {
      row(op, rowA, rowB, y, rows.inner, rows.innerA, rows.innerB);
      rowA += rows.middleA;
      rowB += rows.middleB;
      y += rowBytes;
    }
  }
}

export function binaryAdd(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(ADD, a, b, y, rows);
}
export function binarySub(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(SUB, a, b, y, rows);
}
export function binaryMultiply(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(MULTIPLY, a, b, y, rows);
}
export function binaryRealDiv(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(REAL_DIV, a, b, y, rows);
}
export function binaryMaximum(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(MAXIMUM, a, b, y, rows);
}
export function binaryMinimum(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(MINIMUM, a, b, y, rows);
}
export function binaryPow(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(POW, a, b, y, rows);
}
export function binarySquaredDifference(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(SQUARED_DIFFERENCE, a, b, y, rows);
}
export function binaryEluGrad(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(ELU_GRAD, a, b, y, rows);
}
export function binaryEqual(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(EQUAL, a, b, y, rows);
}
export function binaryNotEqual(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(NOT_EQUAL, a, b, y, rows);
}
export function binaryGreater(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(GREATER, a, b, y, rows);
}
export function binaryGreaterEqual(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(GREATER_EQUAL, a, b, y, rows);
}
export function binaryLess(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(LESS, a, b, y, rows);
}
export function binaryLessEqual(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(LESS_EQUAL, a, b, y, rows);
}
export function binaryEqualInt(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(EQUAL_INT, a, b, y, rows);
}
export function binaryNotEqualInt(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(NOT_EQUAL_INT, a, b, y, rows);
}
export function binaryGreaterInt(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(GREATER_INT, a, b, y, rows);
}
export function binaryGreaterEqualInt(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(GREATER_EQUAL_INT, a, b, y, rows);
}
export function binaryLessInt(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(LESS_INT, a, b, y, rows);
}
export function binaryLessEqualInt(a: usize, b: usize, y: usize, rows: usize): void {
  broadcast(LESS_EQUAL_INT, a, b, y, rows);
}

/** y = dy · Step(x, alpha), the gradient of relu or leaky relu. y may be x or dy. */
export function multiplyByStep(x: usize, dy: usize, y: usize, n: i32, alpha: f32): void {
  while (n > 0) {
    storeUpTo(y, f32x4.mul(v128.load(dy), step4(v128.load(x), constant(alpha))), n);
    x += 16;
    dy += 16;
    y += 16;
    n -= 4;
  }
}

export function select(a: usize, b: usize, c: usize, y: usize, table: usize): void {
  const rows = changetype<Rows>(table);
  for (let i = 0; i < rows.outer; i++) {
    let rowA = a + offsetOf(rows, i, 4);
    let rowB = b + offsetOf(rows, i, 8);
    let rowC = c + offsetOf(rows, i, 12);
    for (let j = 0; j < rows.middle; j++) {
      y = selectRow(rowA, rowB, rowC, y, rows);
      rowA += rows.middleA;
      rowB += rows.middleB;
      rowC += rows.middleC;
    }
  }
}

function selectRow(a: usize, b: usize, c: usize, y: usize, rows: Rows): usize {
  for (let i = 0; i < rows.inner; i++) {
    store<f32>(y, load<f32>(a) != 0 ? load<f32>(b) : load<f32>(c));
    a += rows.innerA;
    b += rows.innerB;
    c += rows.innerC;
    y += 4;
  }
  return y;
}
