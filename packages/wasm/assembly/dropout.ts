// Dropout by Philox 4×32-10, four counters at a time: lane b of each vector is counter first + b.
import { storeUpTo } from "./lanes";
import { constant } from "./math";

const ROUNDS = 10;

/**
 * y[i] = x[i] · scale where kept, else 0.
 * @param seed int32 [1] @param threshold an element is kept when its 24 random bits reach it
 */
export function dropout(
  x: usize,
  seed: usize,
  y: usize,
  n: i32,
  ordinal: i32,
  threshold: i32,
  scale: f32,
  step: i32,
): void {
  const key = load<i32>(seed);
  const least = i32x4.splat(threshold);
  const by = constant(scale);
  let counter = i32x4(0, 1, 2, 3);
  while (n > 0) {
    draw(counter, step, key, ordinal);
    keep(x, y, word0, least, by, n);
    keep(x + 16, y + 16, word1, least, by, n - 4);
    keep(x + 32, y + 32, word2, least, by, n - 8);
    keep(x + 48, y + 48, word3, least, by, n - 12);
    counter = i32x4.add(counter, i32x4.splat(4));
    x += 64;
    y += 64;
    n -= 16;
  }
}

/** The sixteen draws of four counters, in the order of the elements they belong to. */
let word0 = i32x4.splat(0);
let word1 = i32x4.splat(0);
let word2 = i32x4.splat(0);
let word3 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function keep(x: usize, y: usize, word: v128, least: v128, scale: v128, count: i32): void {
  if (count <= 0) return;
  const kept = i32x4.ge_s(i32x4.shr_u(word, 8), least);
  storeUpTo(y, v128.and(f32x4.mul(v128.load(x), scale), kept), count);
}

// @ts-ignore: decorator
@inline
function highWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function lowWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

function draw(counter: v128, step: i32, key0: i32, key1: i32): void {
  const multiplier0 = i32x4.splat(0xd2511f53);
  const multiplier1 = i32x4.splat(0xcd9e8d57);
  let x0 = counter;
  let x1 = i32x4.splat(step);
  let x2 = i32x4.splat(0);
  let x3 = i32x4.splat(0);
  for (let round = 0; round < ROUNDS; round++) {
    const a = i64x2.extmul_low_i32x4_u(x0, multiplier0);
    const b = i64x2.extmul_high_i32x4_u(x0, multiplier0);
    const c = i64x2.extmul_low_i32x4_u(x2, multiplier1);
    const d = i64x2.extmul_high_i32x4_u(x2, multiplier1);
    x0 = v128.xor(v128.xor(highWords(c, d), x1), i32x4.splat(key0));
    x1 = lowWords(c, d);
    x2 = v128.xor(v128.xor(highWords(a, b), x3), i32x4.splat(key1));
    x3 = lowWords(a, b);
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  word0 = v128.shuffle<i64>(low01, low23, 0, 2);
  word1 = v128.shuffle<i64>(low01, low23, 1, 3);
  word2 = v128.shuffle<i64>(high01, high23, 0, 2);
  word3 = v128.shuffle<i64>(high01, high23, 1, 3);
}
