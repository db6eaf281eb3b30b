/**
 * Philox 4×32-10, the project's only generator (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). Counter-based: any element of any step can be drawn alone, in any order, so
 * every backend and every thread count draws the same masks.
 */
import { HoneError } from "./errors.js";
import { valueText } from "./value-text.js";

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/**
 * One block of Philox 4×32-10: four unsigned 32-bit integers into `out`.
 * @param c0 counter words, low first
 * @param k0 key words
 */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  // Without lists: before it is optimized, code makes each list that it takes apart at once.
  let x0 = c0 >>> 0;
  let x1 = c1 >>> 0;
  let x2 = c2 >>> 0;
  let x3 = c3 >>> 0;
  let key0 = k0 >>> 0;
  let key1 = k1 >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, x0);
    const low0 = Math.imul(MULTIPLIER_0, x0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, x2);
    const low1 = Math.imul(MULTIPLIER_1, x2) >>> 0;
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0;
    key0 = (key0 + WEYL_0) >>> 0;
    key1 = (key1 + WEYL_1) >>> 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/** Streams of the host draw from ordinals that no op of a graph reaches. */
export const HOST_STREAMS = {
  shuffle: 0xffff0001,
  initialize: 0xffff0002,
  digits: 0xffff0003,
} as const;

/** A sequential generator over one (seed, stream) pair. */
export class RandomStream {
  readonly #block = new Uint32Array(4);
  readonly #seed: number;
  readonly #stream: number;
  readonly #epoch: number;
  #index = 0;

  constructor(seed: number, stream: number, epoch = 0) {
    this.#seed = seed;
    this.#stream = stream;
    this.#epoch = epoch;
  }

  /** An unsigned 32-bit integer. */
  nextUint32(): number {
    const lane = this.#index & 3;
    if (lane === 0) {
      philox(this.#block, this.#index >>> 2, this.#epoch, 0, 0, this.#seed, this.#stream);
    }
    this.#index++;
    return this.#block[lane] as number;
  }

  /** A float in [0, 1) with 24 random bits. */
  nextFloat(): number {
    return (this.nextUint32() >>> 8) / 0x1000000;
  }

  /** An integer in [0, bound), without bias (Lemire's rejection). */
  nextInteger(bound: number): number {
    const threshold = (0x100000000 - bound) % bound;
    for (;;) {
      const value = this.nextUint32();
      if (multiplyLow(value, bound) >= threshold) return multiplyHigh(value, bound);
    }
  }

  /** A draw from the standard normal distribution (Box and Muller). */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.nextFloat()));
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }
}

function multiplyLow(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

/** A permutation of 0 … length−1 (Fisher and Yates), the same for a seed and epoch everywhere. @throws BadArgument unless all are whole numbers from 0 */
export function permutation(length: number, seed: number, epoch: number): Int32Array {
  const counts = { length, seed, epoch };
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    const what = `${name} is ${valueText(count)}. Give a whole number from 0.`;
    throw new HoneError("BadArgument", "permutation", what);
  }
  const order = Int32Array.from({ length }, (_, index) => index);
  const random = new RandomStream(seed, HOST_STREAMS.shuffle, epoch);
  for (let index = length - 1; index > 0; index--) {
    const other = random.nextInteger(index + 1);
    const held = order[index] as number;
    order[index] = order[other] as number;
    order[other] = held;
  }
  return order;
}
