// What one piece of a filter does for a list of winners (winners.ts): twelve vectors, which is what fits
// into registers beside the factor and an element, four, or one. As in tile.ts, the functions are this
// bare so that V8 keeps everything in registers.
import { madd } from "./math";

/** sums[12 vectors] += Σ over the list of value · patch[offset …]. */
export function addTwelve(list: usize, end: usize, offset: usize, sums: usize): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64);
  let s5 = v128.load(sums, 80);
  let s6 = v128.load(sums, 96);
  let s7 = v128.load(sums, 112);
  let s8 = v128.load(sums, 128);
  let s9 = v128.load(sums, 144);
  let s10 = v128.load(sums, 160);
  let s11 = v128.load(sums, 176);
  while (list < end) {
    const p = load<usize>(list) + offset;
    const v = v128.load_splat<f32>(list, 4);
    s0 = madd(v, v128.load(p), s0);
    s1 = madd(v, v128.load(p, 16), s1);
    s2 = madd(v, v128.load(p, 32), s2);
    s3 = madd(v, v128.load(p, 48), s3);
    s4 = madd(v, v128.load(p, 64), s4);
    s5 = madd(v, v128.load(p, 80), s5);
    s6 = madd(v, v128.load(p, 96), s6);
    s7 = madd(v, v128.load(p, 112), s7);
    s8 = madd(v, v128.load(p, 128), s8);
    s9 = madd(v, v128.load(p, 144), s9);
    s10 = madd(v, v128.load(p, 160), s10);
    s11 = madd(v, v128.load(p, 176), s11);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
  v128.store(sums, s8, 128);
  v128.store(sums, s9, 144);
  v128.store(sums, s10, 160);
  v128.store(sums, s11, 176);
}

/** The same for four vectors. */
export function addFour(list: usize, end: usize, offset: usize, sums: usize): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  while (list < end) {
    const p = load<usize>(list) + offset;
    const v = v128.load_splat<f32>(list, 4);
    s0 = madd(v, v128.load(p), s0);
    s1 = madd(v, v128.load(p, 16), s1);
    s2 = madd(v, v128.load(p, 32), s2);
    s3 = madd(v, v128.load(p, 48), s3);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}

/** The same for one. */
export function addOne(list: usize, end: usize, offset: usize, sums: usize): void {
  let s0 = v128.load(sums);
  while (list < end) {
    const p = load<usize>(list) + offset;
    const v = v128.load_splat<f32>(list, 4);
    s0 = madd(v, v128.load(p), s0);
    list += 8;
  }
  v128.store(sums, s0);
}

// @ts-ignore: decorator
@inline
function addAt(p: usize, value: v128, weight: v128): void {
  v128.store(p, madd(value, weight, v128.load(p)));
}

/** For each entry of the list: patch[offset …] += value · weights[12 vectors]. */
export function spreadTwelve(list: usize, end: usize, offset: usize, weights: usize): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights, 16);
  const w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48);
  const w4 = v128.load(weights, 64);
  const w5 = v128.load(weights, 80);
  const w6 = v128.load(weights, 96);
  const w7 = v128.load(weights, 112);
  const w8 = v128.load(weights, 128);
  const w9 = v128.load(weights, 144);
  const w10 = v128.load(weights, 160);
  const w11 = v128.load(weights, 176);
  while (list < end) {
    const p = load<usize>(list) + offset;
    const v = v128.load_splat<f32>(list, 4);
    addAt(p, v, w0);
    addAt(p + 16, v, w1);
    addAt(p + 32, v, w2);
    addAt(p + 48, v, w3);
    addAt(p + 64, v, w4);
    addAt(p + 80, v, w5);
    addAt(p + 96, v, w6);
    addAt(p + 112, v, w7);
    addAt(p + 128, v, w8);
    addAt(p + 144, v, w9);
    addAt(p + 160, v, w10);
    addAt(p + 176, v, w11);
    list += 8;
  }
}

/** The same for four vectors. */
export function spreadFour(list: usize, end: usize, offset: usize, weights: usize): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights, 16);
  const w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48);
  while (list < end) {
    const p = load<usize>(list) + offset;
    const v = v128.load_splat<f32>(list, 4);
    addAt(p, v, w0);
    addAt(p + 16, v, w1);
    addAt(p + 32, v, w2);
    addAt(p + 48, v, w3);
    list += 8;
  }
}

/** The same for one element. */
export function spreadOne(list: usize, end: usize, offset: usize, weights: usize): void {
  const weight = load<f32>(weights);
  while (list < end) {
    const p = load<usize>(list) + offset;
    store<f32>(p, load<f32>(p) + load<f32>(list, 4) * weight);
    list += 8;
  }
}
