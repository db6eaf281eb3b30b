// Reductions of x [outer, reduce, inner] to y [outer, inner], in an order that depends on the
// extents alone. Sums are made of partial sums over BLOCK terms, which keeps the error of long ones
// far below that of one running sum.
import { maxLanes, storeUpTo, sumLanes } from "./lanes";
import { constant } from "./math";

const BLOCK = 128;
const SUM = 0;
const MAX = 1;
const MIN = 2;

// @ts-ignore: decorator
@inline
function combine(op: i32, a: v128, b: v128): v128 {
  if (op == SUM) return f32x4.add(a, b);
  if (op == MAX) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function neutral(op: i32): f32 {
  return op == SUM ? 0 : op == MAX ? -Infinity : Infinity;
}

// @ts-ignore: decorator
@inline
function horizontal(op: i32, v: v128): f32 {
  if (op == SUM) return sumLanes(v);
  if (op == MAX) return maxLanes(v);
  return -maxLanes(f32x4.neg(v));
}

/** n adjacent elements to one. */
// @ts-ignore: decorator
@inline
function reduceRun(op: i32, x: usize, n: i32): f32 {
  const start = constant(neutral(op));
  let total = start;
  while (n >= 16) {
    let a = start;
    let b = start;
    let c = start;
    let d = start;
    let left = min(n >> 4, BLOCK);
    n -= left << 4;
    while (left > 0) {
      a = combine(op, a, v128.load(x));
      b = combine(op, b, v128.load(x, 16));
      c = combine(op, c, v128.load(x, 32));
      d = combine(op, d, v128.load(x, 48));
      x += 64;
      left--;
    }
    total = combine(op, total, combine(op, combine(op, a, b), combine(op, c, d)));
  }
  while (n >= 4) {
    total = combine(op, total, v128.load(x));
    x += 16;
    n -= 4;
  }
  while (n > 0) {
    total = combine(op, total, f32x4.replace_lane(start, 0, load<f32>(x)));
    x += 4;
    n--;
  }
  return horizontal(op, total);
}

/** Four columns of a [reduce, inner] matrix whose rows are `step` bytes apart. */
// @ts-ignore: decorator
@inline
function reduceColumns4(op: i32, x: usize, reduce: i32, step: usize): v128 {
  let total = constant(neutral(op));
  while (reduce > 0) {
    let a = constant(neutral(op));
    let left = min(reduce, BLOCK);
    reduce -= left;
    while (left > 0) {
      a = combine(op, a, v128.load(x));
      x += step;
      left--;
    }
    total = combine(op, total, a);
  }
  return total;
}

/** Sixteen columns at once: a whole cache line of every row. */
// @ts-ignore: decorator
@inline
function reduceColumns16(op: i32, x: usize, y: usize, reduce: i32, step: usize): void {
  const start = constant(neutral(op));
  v128.store(y, start);
  v128.store(y, start, 16);
  v128.store(y, start, 32);
  v128.store(y, start, 48);
  while (reduce > 0) {
    let a = start;
    let b = start;
    let c = start;
    let d = start;
    let left = min(reduce, BLOCK);
    reduce -= left;
    while (left > 0) {
      a = combine(op, a, v128.load(x));
      b = combine(op, b, v128.load(x, 16));
      c = combine(op, c, v128.load(x, 32));
      d = combine(op, d, v128.load(x, 48));
      x += step;
      left--;
    }
    v128.store(y, combine(op, v128.load(y), a));
    v128.store(y, combine(op, v128.load(y, 16), b), 16);
    v128.store(y, combine(op, v128.load(y, 32), c), 32);
    v128.store(y, combine(op, v128.load(y, 48), d), 48);
  }
}

/**
 * x [outer, reduce, inner], of which each `reduce` is cut into chunks of `terms` each, to
 * y [outer, chunks, inner]. One chunk is the whole reduction; more are reduced by another call.
 */
// @ts-ignore: decorator
@unmanaged
class Reduction {
  x: usize;
  y: usize;
  reduce: i32;
  inner: i32;
  chunks: i32;
  terms: i32;
}

/** Columns in a unit: COLUMNS of src/kernels/reductions.ts. */
const COLUMNS = 16;

/** A unit is up to COLUMNS adjacent elements of y. */
// @ts-ignore: decorator
@inline
function reduceUnits(op: i32, record: usize, begin: i32, end: i32): void {
  const r = changetype<Reduction>(record);
  const inner = r.inner;
  const columnBlocks = (inner + COLUMNS - 1) / COLUMNS;
  const step = (<usize>inner) << 2;
  while (begin < end) {
    const row = begin / columnBlocks;
    const column = (begin - row * columnBlocks) * COLUMNS;
    const i = row / r.chunks;
    const from = (row - i * r.chunks) * r.terms;
    const terms = min(r.terms, r.reduce - from);
    const x = r.x + (<usize>i * <usize>r.reduce + <usize>from) * step + ((<usize>column) << 2);
    const y = r.y + <usize>row * step + ((<usize>column) << 2);
    if (inner == 1) store<f32>(y, reduceRun(op, x, terms));
    else reduceColumns(op, x, y, terms, step, inner - column);
    begin++;
  }
}

/** @param columns how many there are, of which at most COLUMNS are reduced */
// @ts-ignore: decorator
@inline
function reduceColumns(op: i32, x: usize, y: usize, reduce: i32, step: usize, columns: i32): void {
  if (columns >= COLUMNS) {
    reduceColumns16(op, x, y, reduce, step);
    return;
  }
  for (let j = 0; j < columns; j += 4) {
    const at = (<usize>j) << 2;
    storeUpTo(y + at, reduceColumns4(op, x + at, reduce, step), columns - j);
  }
}

export function reduceSum(record: usize, begin: i32, end: i32): void {
  reduceUnits(SUM, record, begin, end);
}
export function reduceMax(record: usize, begin: i32, end: i32): void {
  reduceUnits(MAX, record, begin, end);
}
export function reduceMin(record: usize, begin: i32, end: i32): void {
  reduceUnits(MIN, record, begin, end);
}

/** Index of the first maximum of n elements. */
export function firstMaximum(x: usize, n: i32): i32 {
  let best = load<f32>(x);
  let index = 0;
  for (let i = 1; i < n; i++) {
    const value = load<f32>(x + ((<usize>i) << 2));
    if (value > best) {
      best = value;
      index = i;
    }
  }
  return index;
}

// @ts-ignore: decorator
@unmanaged
class ArgMax {
  x: usize;
  y: usize;
  columns: i32;
}

/** A unit is a row. */
export function argMax(record: usize, begin: i32, end: i32): void {
  const r = changetype<ArgMax>(record);
  const rowBytes = (<usize>r.columns) << 2;
  for (let i = <usize>begin; i < <usize>end; i++) {
    store<i32>(r.y + (i << 2), firstMaximum(r.x + i * rowBytes, r.columns));
  }
}
