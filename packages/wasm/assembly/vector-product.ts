// Products of a few rows, as a single prediction's dense layers are: tiles would stay nearly empty, so
// each row runs over B where it lies, 48 columns at a time.
import { storeUpTo } from "./lanes";
import { constant, madd } from "./math";

const COLUMNS = 48;

/** y [m, n] = max(a [m, k] · b [k, n] + bias, floor). A unit is a row's block of 48 columns. */
// @ts-ignore: decorator
@unmanaged
class VectorProduct {
  a: usize;
  b: usize;
  bias: usize;
  y: usize;
  k: i32;
  n: i32;
  floor: f32;
}

export function vectorProduct(record: usize, begin: i32, end: i32): void {
  const r = changetype<VectorProduct>(record);
  const blocks = (r.n + COLUMNS - 1) / COLUMNS;
  const step = (<usize>r.n) << 2;
  const least = constant(r.floor);
  for (let unit = begin; unit < end; unit++) {
    const row = unit / blocks;
    let column = (unit - row * blocks) * COLUMNS;
    const last = min(r.n, column + COLUMNS);
    const a = r.a + ((<usize>(row * r.k)) << 2);
    const aEnd = a + ((<usize>r.k) << 2);
    const y = r.y + <usize>row * step;
    if (last - column == COLUMNS) {
      const at = (<usize>column) << 2;
      sumWide(a, aEnd, r.b + at, step, y + at);
      column = last;
    }
    for (; column < last; column += 4) {
      const at = (<usize>column) << 2;
      storeUpTo(y + at, sumNarrow(a, aEnd, r.b + at, step), last - column);
    }
    finish(r, y, (unit - row * blocks) * COLUMNS, last, least);
  }
}

/** Bias and relu of a row's columns. */
function finish(r: VectorProduct, y: usize, column: i32, last: i32, least: v128): void {
  for (; column < last; column += 4) {
    const at = (<usize>column) << 2;
    const bias = r.bias == 0 ? constant(0) : v128.load(r.bias + at);
    const value = f32x4.pmax(f32x4.add(v128.load(y + at), bias), least);
    storeUpTo(y + at, value, last - column);
  }
}

function sumNarrow(a: usize, end: usize, b: usize, step: usize): v128 {
  let sum = constant(0);
  while (a < end) {
    sum = madd(v128.load_splat<f32>(a), v128.load(b), sum);
    a += 4;
    b += step;
  }
  return sum;
}

/** Bare, as tile.ts says. */
export function sumWide(a: usize, end: usize, b: usize, step: usize, y: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  let s8 = f32x4.splat(0);
  let s9 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  while (a < end) {
    const x = v128.load_splat<f32>(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    s2 = madd(x, v128.load(b, 32), s2);
    s3 = madd(x, v128.load(b, 48), s3);
    s4 = madd(x, v128.load(b, 64), s4);
    s5 = madd(x, v128.load(b, 80), s5);
    s6 = madd(x, v128.load(b, 96), s6);
    s7 = madd(x, v128.load(b, 112), s7);
    s8 = madd(x, v128.load(b, 128), s8);
    s9 = madd(x, v128.load(b, 144), s9);
    s10 = madd(x, v128.load(b, 160), s10);
    s11 = madd(x, v128.load(b, 176), s11);
    a += 4;
    b += step;
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
  v128.store(y, s4, 64);
  v128.store(y, s5, 80);
  v128.store(y, s6, 96);
  v128.store(y, s7, 112);
  v128.store(y, s8, 128);
  v128.store(y, s9, 144);
  v128.store(y, s10, 160);
  v128.store(y, s11, 176);
}
