// Dropout by Philox 4×32-10. A vector holds one word of four counters, each in its lane.
import { BLOCK, blockElements, blockOffset } from "./blocks";
import { storeUpTo } from "./lanes";
import { constant } from "./math";
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

// @ts-ignore: decorator
@unmanaged
class Dropout {
  x: usize;
  /** int32 [1] */
  seed: usize;
  y: usize;
  count: i32;
  ordinal: i32;
  /** An element is kept when its 24 random bits reach it. */
  threshold: i32;
  scale: f32;
  /** Counter of the first element. */
  first: i32;
}

/** y[i] = x[i] · scale where kept, else 0; in blocks, whose draws follow from where they lie. */
export function dropout(record: usize, begin: i32, end: i32): void {
  const r = changetype<Dropout>(record);
  const seed = i32x4.splat(load<i32>(r.seed));
  const ordinal = i32x4.splat(r.ordinal);
  const step = i32x4.splat(currentStep);
  const least = i32x4.splat(r.threshold);
  const scale = constant(r.scale);
  let x = r.x + blockOffset(begin);
  let y = r.y + blockOffset(begin);
  // A counter draws four elements.
  let counter = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(r.first + begin * (BLOCK / 4)));
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 32) {
    // Eight counters, because the rounds of four wait for one another.
    let p0 = counter;
    let q0 = i32x4.add(counter, i32x4.splat(4));
    let p1 = step;
    let q1 = step;
    let p2 = i32x4.splat(0);
    let q2 = i32x4.splat(0);
    let p3 = i32x4.splat(0);
    let q3 = i32x4.splat(0);
    let key0 = seed;
    let key1 = ordinal;
    for (let round = 0; round < ROUNDS; round++) {
      const pLow0 = lowProducts(p0, MULTIPLIER0);
      const pHigh0 = highProducts(p0, MULTIPLIER0);
      const pLow1 = lowProducts(p2, MULTIPLIER1);
      const pHigh1 = highProducts(p2, MULTIPLIER1);
      const qLow0 = lowProducts(q0, MULTIPLIER0);
      const qHigh0 = highProducts(q0, MULTIPLIER0);
      const qLow1 = lowProducts(q2, MULTIPLIER1);
      const qHigh1 = highProducts(q2, MULTIPLIER1);
      p0 = v128.xor(v128.xor(highWords(pLow1, pHigh1), p1), key0);
      p1 = lowWords(pLow1, pHigh1);
      p2 = v128.xor(v128.xor(highWords(pLow0, pHigh0), p3), key1);
      p3 = lowWords(pLow0, pHigh0);
      q0 = v128.xor(v128.xor(highWords(qLow1, qHigh1), q1), key0);
      q1 = lowWords(qLow1, qHigh1);
      q2 = v128.xor(v128.xor(highWords(qLow0, qHigh0), q3), key1);
      q3 = lowWords(qLow0, qHigh0);
      key0 = i32x4.add(key0, i32x4.splat(KEY_STEP0));
      key1 = i32x4.add(key1, i32x4.splat(KEY_STEP1));
    }
    keepDrawn(x, y, p0, p1, p2, p3, least, scale, left);
    keepDrawn(x + 64, y + 64, q0, q1, q2, q3, least, scale, left - 16);
    counter = i32x4.add(counter, i32x4.splat(8));
    x += 128;
    y += 128;
  }
}

/** Up to `left` of sixteen elements, by the four words of four counters. */
// @ts-ignore: decorator
@inline
function keepDrawn(
  x: usize,
  y: usize,
  word0: v128,
  word1: v128,
  word2: v128,
  word3: v128,
  least: v128,
  scale: v128,
  left: i32,
): void {
  const low01 = v128.shuffle<i32>(word0, word1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(word2, word3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(word0, word1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(word2, word3, 2, 6, 3, 7);
  const counter0 = v128.shuffle<i64>(low01, low23, 0, 2);
  const counter1 = v128.shuffle<i64>(low01, low23, 1, 3);
  const counter2 = v128.shuffle<i64>(high01, high23, 0, 2);
  const counter3 = v128.shuffle<i64>(high01, high23, 1, 3);
  if (left >= 16) {
    v128.store(y, keep(v128.load(x), counter0, least, scale));
    v128.store(y, keep(v128.load(x, 16), counter1, least, scale), 16);
    v128.store(y, keep(v128.load(x, 32), counter2, least, scale), 32);
    v128.store(y, keep(v128.load(x, 48), counter3, least, scale), 48);
  } else {
    keepUpTo(x, y, counter0, least, scale, left);
    keepUpTo(x + 16, y + 16, counter1, least, scale, left - 4);
    keepUpTo(x + 32, y + 32, counter2, least, scale, left - 8);
    keepUpTo(x + 48, y + 48, counter3, least, scale, left - 12);
  }
}

function keepUpTo(x: usize, y: usize, word: v128, least: v128, scale: v128, left: i32): void {
  if (left > 0) storeUpTo(y, keep(v128.load(x), word, least, scale), left);
}

// @ts-ignore: decorator
@inline
function keep(v: v128, word: v128, least: v128, scale: v128): v128 {
  return v128.and(f32x4.mul(v, scale), i32x4.ge_s(i32x4.shr_u(word, 8), least));
}
