// Reductions of x [outer, reduce, inner] to y [outer, inner], in an order that depends on the
// extents alone. Sums are made of partial sums over BLOCK terms, which keeps the error of long ones
// far below that of one running sum.
import { maxLanes, storeLanes, sumLanes } from "./lanes";
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

// @ts-ignore: decorator
@inline
function reduceAll(op: i32, x: usize, y: usize, outer: i32, reduce: i32, inner: i32): void {
  const step = (<usize>inner) << 2;
  for (let i = 0; i < outer; i++) {
    if (inner == 1) {
      store<f32>(y, reduceRun(op, x, reduce));
    } else {
      let j = 0;
      for (; j + 16 <= inner; j += 16) {
        reduceColumns16(op, x + ((<usize>j) << 2), y + ((<usize>j) << 2), reduce, step);
      }
      for (; j < inner; j += 4) {
        const v = reduceColumns4(op, x + ((<usize>j) << 2), reduce, step);
        const target = y + ((<usize>j) << 2);
        if (j + 4 <= inner) v128.store(target, v);
        else storeLanes(target, v, inner - j);
      }
    }
    x += <usize>reduce * step;
    y += step;
  }
}

export function reduceSum(x: usize, y: usize, outer: i32, reduce: i32, inner: i32): void {
  reduceAll(SUM, x, y, outer, reduce, inner);
}
export function reduceMax(x: usize, y: usize, outer: i32, reduce: i32, inner: i32): void {
  reduceAll(MAX, x, y, outer, reduce, inner);
}
export function reduceMin(x: usize, y: usize, outer: i32, reduce: i32, inner: i32): void {
  reduceAll(MIN, x, y, outer, reduce, inner);
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

export function argMax(x: usize, y: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    store<i32>(y, firstMaximum(x, columns));
    x += (<usize>columns) << 2;
    y += 4;
  }
}
