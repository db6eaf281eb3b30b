// What a round of Philox 4×32-10 is made of. A vector holds one word of four counters, each in its lane.

export const ROUNDS = 10;
export const MULTIPLIER0 = 0xd2511f53;
export const MULTIPLIER1 = 0xcd9e8d57;
export const KEY_STEP0 = 0x9e3779b9;
export const KEY_STEP1 = 0xbb67ae85;

/** Products of the first two lanes, as 64-bit integers. */
// @ts-ignore: decorator
@inline
export function lowProducts(v: v128, multiplier: i32): v128 {
  return i64x2.extmul_low_i32x4_u(v, i32x4.splat(multiplier));
}

/** Products of the last two lanes. */
// @ts-ignore: decorator
@inline
export function highProducts(v: v128, multiplier: i32): v128 {
  return i64x2.extmul_high_i32x4_u(v, i32x4.splat(multiplier));
}

/** Of four 64-bit integers. */
// @ts-ignore: decorator
@inline
export function highWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
export function lowWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}
