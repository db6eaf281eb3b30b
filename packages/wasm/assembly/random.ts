// Random numbers by Philox 4×32-10: uniform ones, and normal ones by the method of Box and Muller.
import { BLOCK, blockElements, blockOffset } from "./blocks";
import { storeUpTo } from "./lanes";
import { constant, log4, madd } from "./math";
import {
  highProducts,
  highWords,
  KEY_STEP0,
  KEY_STEP1,
  lowProducts,
  lowWords,
  MULTIPLIER0,
  MULTIPLIER1,
  ROUNDS,
} from "./philox";
import { currentStep } from "./thread";

const UNIT: f32 = 1.0 / 16777216.0;

// @ts-ignore: decorator
@unmanaged
class Random {
  /** int32 [1] */
  seed: usize;
  y: usize;
  count: i32;
  ordinal: i32;
  /** Counter of the first element. */
  first: i32;
}

/** Numbers in [0, 1); in blocks, whose draws follow from where they lie. */
export function randomUniform(record: usize, begin: i32, end: i32): void {
  draw(changetype<Random>(record), begin, end, false);
}

/** Numbers of mean 0 and deviation 1; in blocks. */
export function randomNormal(record: usize, begin: i32, end: i32): void {
  draw(changetype<Random>(record), begin, end, true);
}

// @ts-ignore: decorator
@inline
function draw(r: Random, begin: i32, end: i32, isNormal: bool): void {
  const seed = i32x4.splat(load<i32>(r.seed));
  const ordinal = i32x4.splat(r.ordinal);
  const step = i32x4.splat(currentStep);
  let y = r.y + blockOffset(begin);
  // A counter draws four elements.
  let counter = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(r.first + begin * (BLOCK / 4)));
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 16) {
    let word0 = counter;
    let word1 = step;
    let word2 = i32x4.splat(0);
    let word3 = i32x4.splat(0);
    let key0 = seed;
    let key1 = ordinal;
    for (let round = 0; round < ROUNDS; round++) {
      const low0 = lowProducts(word0, MULTIPLIER0);
      const high0 = highProducts(word0, MULTIPLIER0);
      const low1 = lowProducts(word2, MULTIPLIER1);
      const high1 = highProducts(word2, MULTIPLIER1);
      word0 = v128.xor(v128.xor(highWords(low1, high1), word1), key0);
      word1 = lowWords(low1, high1);
      word2 = v128.xor(v128.xor(highWords(low0, high0), word3), key1);
      word3 = lowWords(low0, high0);
      key0 = i32x4.add(key0, i32x4.splat(KEY_STEP0));
      key1 = i32x4.add(key1, i32x4.splat(KEY_STEP1));
    }
    let first = unit(word0);
    let second = unit(word1);
    let third = unit(word2);
    let fourth = unit(word3);
    if (isNormal) {
      const near = radius(first);
      first = f32x4.mul(near, wave(second, 1));
      second = f32x4.mul(near, wave(second, 0));
      const far = radius(third);
      third = f32x4.mul(far, wave(fourth, 1));
      fourth = f32x4.mul(far, wave(fourth, 0));
    }
    storeCounters(y, first, second, third, fourth, left);
    counter = i32x4.add(counter, i32x4.splat(4));
    y += 64;
  }
}

/** The upper 24 bits as a number in [0, 1). */
// @ts-ignore: decorator
@inline
function unit(word: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(word, 8)), constant(UNIT));
}

/** √(−2 ln v), v being the number in (0, 1] that lies one unit above. */
// @ts-ignore: decorator
@inline
function radius(below: v128): v128 {
  return f32x4.sqrt(f32x4.mul(log4(f32x4.add(below, constant(UNIT))), constant(-2)));
}

/**
 * The sine of `turn` whole turns, or with `ahead` 1, a quarter turn ahead, the cosine. What is left of the nearest quarter
 * is exact and at most an eighth of a turn; the polynomials in its square were fitted there by Chebyshev interpolation
 * in float64 and are off by 9e-8 at most.
 */
function wave(turn: v128, ahead: i32): v128 {
  const quarter = f32x4.nearest(f32x4.mul(turn, constant(4)));
  const t = f32x4.sub(turn, f32x4.mul(quarter, constant(0.25)));
  const z = f32x4.mul(t, t);
  let sine = constant(-75.401611328125);
  sine = madd(sine, z, constant(81.59254455566406));
  sine = madd(sine, z, constant(-41.3416633605957));
  sine = f32x4.mul(t, madd(sine, z, constant(6.2831854820251465)));
  let cosine = constant(59.42410659790039);
  cosine = madd(cosine, z, constant(-85.44882202148438));
  cosine = madd(cosine, z, constant(64.93936920166016));
  cosine = madd(cosine, z, constant(-19.739208221435547));
  cosine = madd(cosine, z, constant(1));
  const place = i32x4.add(i32x4.trunc_sat_f32x4_s(quarter), i32x4.splat(ahead));
  const isOdd = i32x4.ne(v128.and(place, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(v128.and(place, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(cosine, sine, isOdd), sign);
}

/** Up to `left` of sixteen elements, each vector one of the four elements of every counter. */
// @ts-ignore: decorator
@inline
function storeCounters(y: usize, a: v128, b: v128, c: v128, d: v128, left: i32): void {
  const low01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  storeUpTo(y, v128.shuffle<i64>(low01, low23, 0, 2), left);
  if (left > 4) storeUpTo(y + 16, v128.shuffle<i64>(low01, low23, 1, 3), left - 4);
  if (left > 8) storeUpTo(y + 32, v128.shuffle<i64>(high01, high23, 0, 2), left - 8);
  if (left > 12) storeUpTo(y + 48, v128.shuffle<i64>(high01, high23, 1, 3), left - 12);
}
