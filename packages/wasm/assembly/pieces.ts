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
