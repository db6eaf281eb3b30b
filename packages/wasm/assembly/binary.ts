// Functions of two tensors with numpy broadcasting, and Select.
//
// The host folds neighbouring axes that both inputs walk alike, so that three loops are left: a row
// (each input moves by one element or not at all), rows at a fixed distance, and the axes outside.
// A unit is a block of a row.
import { outerOffset } from "./axes";
import { blockElements, blockOffset, blocksOf } from "./blocks";
import { storeLanes, storeUpTo } from "./lanes";
import { constant, pow4 } from "./math";

// @ts-ignore: decorator
@unmanaged
class Binary {
  a: usize;
  b: usize;
  y: usize;
  rows: Rows;
}

// @ts-ignore: decorator
@unmanaged
class Select {
  a: usize;
  b: usize;
  c: usize;
  y: usize;
  rows: Rows;
}

/** One table per call. Steps are bytes between neighbours. */
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
const SELECT = 21;

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

/** Which input of a row is one element; the other moves along. */
const NEITHER = 0;
const A = 1;
const B = 2;

/** Worth four vectors a turn: training spends time in these, and code has a price too. */
// @ts-ignore: decorator
@inline
function isArithmetic(op: i32): bool {
  return op < EQUAL && op != POW;
}

/** `op` and `still` are known when this is inlined. */
// @ts-ignore: decorator
@inline
function run(op: i32, still: i32, a: usize, b: usize, y: usize, n: i32): void {
  const va = v128.load_splat<f32>(a);
  const vb = v128.load_splat<f32>(b);
  for (; isArithmetic(op) && n >= 16; n -= 16) {
    const a0 = still == A ? va : v128.load(a);
    const b0 = still == B ? vb : v128.load(b);
    const a1 = still == A ? va : v128.load(a, 16);
    const b1 = still == B ? vb : v128.load(b, 16);
    const a2 = still == A ? va : v128.load(a, 32);
    const b2 = still == B ? vb : v128.load(b, 32);
    const a3 = still == A ? va : v128.load(a, 48);
    const b3 = still == B ? vb : v128.load(b, 48);
    v128.store(y, apply(op, a0, b0));
    v128.store(y, apply(op, a1, b1), 16);
    v128.store(y, apply(op, a2, b2), 32);
    v128.store(y, apply(op, a3, b3), 48);
    if (still != A) a += 64;
    if (still != B) b += 64;
    y += 64;
  }
  for (; n >= 4; n -= 4) {
    v128.store(y, apply(op, still == A ? va : v128.load(a), still == B ? vb : v128.load(b)));
    if (still != A) a += 16;
    if (still != B) b += 16;
    y += 16;
  }
  if (n > 0) {
    storeLanes(y, apply(op, still == A ? va : v128.load(a), still == B ? vb : v128.load(b)), n);
  }
}

// @ts-ignore: decorator
@inline
function row(op: i32, a: usize, b: usize, y: usize, n: i32, stepA: i32, stepB: i32): void {
  if (stepA == 0) run(op, A, a, b, y, n);
  else if (stepB == 0) run(op, B, a, b, y, n);
  else run(op, NEITHER, a, b, y, n);
}

function selectRow(a: usize, b: usize, c: usize, y: usize, n: i32, rows: Rows): void {
  let va = v128.load_splat<f32>(a);
  let vb = v128.load_splat<f32>(b);
  let vc = v128.load_splat<f32>(c);
  const stepA = (<usize>rows.innerA) << 2;
  const stepB = (<usize>rows.innerB) << 2;
  const stepC = (<usize>rows.innerC) << 2;
  for (; n > 0; n -= 4) {
    if (stepA != 0) va = v128.load(a);
    if (stepB != 0) vb = v128.load(b);
    if (stepC != 0) vc = v128.load(c);
    storeUpTo(y, v128.bitselect(vb, vc, f32x4.ne(va, constant(0))), n);
    a += stepA;
    b += stepB;
    c += stepC;
    y += 16;
  }
}

/** Where a row's part begins, when the row's other parts are skipped. */
// @ts-ignore: decorator
@inline
function part(start: usize, offset: usize, step: i32): usize {
  return start + (step == 0 ? 0 : offset);
}

/** Goes through the units row by row; c is used by SELECT alone. */
// @ts-ignore: decorator
@inline
function broadcast(
  op: i32,
  a: usize,
  b: usize,
  c: usize,
  y: usize,
  rows: Rows,
  begin: i32,
  end: i32,
): void {
  const inner = rows.inner;
  const rowBlocks = blocksOf(inner);
  const first = begin / rowBlocks;
  let block = begin - first * rowBlocks;
  let i = first / rows.middle;
  let j = first - i * rows.middle;
  let rowA = a + offsetOf(rows, i, 4) + <usize>j * rows.middleA;
  let rowB = b + offsetOf(rows, i, 8) + <usize>j * rows.middleB;
  let rowC = op == SELECT ? c + offsetOf(rows, i, 12) + <usize>j * rows.middleC : 0;
  let rowY = y + ((<usize>first * <usize>inner) << 2);
  for (let left = end - begin; left > 0; ) {
    const blockEnd = min(rowBlocks, block + left);
    const at = blockOffset(block);
    const n = blockElements(block, blockEnd, inner);
    const partA = part(rowA, at, rows.innerA);
    const partB = part(rowB, at, rows.innerB);
    if (op == SELECT) {
      selectRow(partA, partB, part(rowC, at, rows.innerC), rowY + at, n, rows);
    } else {
      row(op, partA, partB, rowY + at, n, rows.innerA, rows.innerB);
    }
    left -= blockEnd - block;
    block = 0;
    rowY += (<usize>inner) << 2;
    if (++j < rows.middle) {
      rowA += rows.middleA;
      rowB += rows.middleB;
      if (op == SELECT) rowC += rows.middleC;
    } else if (left > 0) {
      j = 0;
      i++;
      rowA = a + offsetOf(rows, i, 4);
      rowB = b + offsetOf(rows, i, 8);
      if (op == SELECT) rowC = c + offsetOf(rows, i, 12);
    }
  }
}

// @ts-ignore: decorator
@inline
function binary(op: i32, record: usize, begin: i32, end: i32): void {
  const r = changetype<Binary>(record);
  broadcast(op, r.a, r.b, 0, r.y, r.rows, begin, end);
}

export function binaryAdd(record: usize, begin: i32, end: i32): void {
  binary(ADD, record, begin, end);
}
export function binarySub(record: usize, begin: i32, end: i32): void {
  binary(SUB, record, begin, end);
}
export function binaryMultiply(record: usize, begin: i32, end: i32): void {
  binary(MULTIPLY, record, begin, end);
}
export function binaryRealDiv(record: usize, begin: i32, end: i32): void {
  binary(REAL_DIV, record, begin, end);
}
export function binaryMaximum(record: usize, begin: i32, end: i32): void {
  binary(MAXIMUM, record, begin, end);
}
export function binaryMinimum(record: usize, begin: i32, end: i32): void {
  binary(MINIMUM, record, begin, end);
}
export function binaryPow(record: usize, begin: i32, end: i32): void {
  binary(POW, record, begin, end);
}
export function binarySquaredDifference(record: usize, begin: i32, end: i32): void {
  binary(SQUARED_DIFFERENCE, record, begin, end);
}
export function binaryEluGrad(record: usize, begin: i32, end: i32): void {
  binary(ELU_GRAD, record, begin, end);
}
export function binaryEqual(record: usize, begin: i32, end: i32): void {
  binary(EQUAL, record, begin, end);
}
export function binaryNotEqual(record: usize, begin: i32, end: i32): void {
  binary(NOT_EQUAL, record, begin, end);
}
export function binaryGreater(record: usize, begin: i32, end: i32): void {
  binary(GREATER, record, begin, end);
}
export function binaryGreaterEqual(record: usize, begin: i32, end: i32): void {
  binary(GREATER_EQUAL, record, begin, end);
}
export function binaryLess(record: usize, begin: i32, end: i32): void {
  binary(LESS, record, begin, end);
}
export function binaryLessEqual(record: usize, begin: i32, end: i32): void {
  binary(LESS_EQUAL, record, begin, end);
}
export function binaryEqualInt(record: usize, begin: i32, end: i32): void {
  binary(EQUAL_INT, record, begin, end);
}
export function binaryNotEqualInt(record: usize, begin: i32, end: i32): void {
  binary(NOT_EQUAL_INT, record, begin, end);
}
export function binaryGreaterInt(record: usize, begin: i32, end: i32): void {
  binary(GREATER_INT, record, begin, end);
}
export function binaryGreaterEqualInt(record: usize, begin: i32, end: i32): void {
  binary(GREATER_EQUAL_INT, record, begin, end);
}
export function binaryLessInt(record: usize, begin: i32, end: i32): void {
  binary(LESS_INT, record, begin, end);
}
export function binaryLessEqualInt(record: usize, begin: i32, end: i32): void {
  binary(LESS_EQUAL_INT, record, begin, end);
}

/** a ? b : c */
export function select(record: usize, begin: i32, end: i32): void {
  const r = changetype<Select>(record);
  broadcast(SELECT, r.a, r.b, r.c, r.y, r.rows, begin, end);
}
