// Convolution gradients when dy is mostly zeros, as behind a max pool of 2 by 2 it always is: one
// cell in four at most, fewer behind a relu. Each non-zero is found once and then costs one run of
// vectors; zeros cost nothing. Zeros are taken to give zeros, whatever they would have met.
import { constant } from "./math";
import { Window } from "./window";

/** One non-zero: the byte offset of its patch in the image, and its value. */
const ENTRY_BYTES = 8;
/** Runs are cut into pieces of twelve vectors, which is what fits in registers, and of four. */
const WIDE = 12;
const NARROW = 4;

/** True when fewer than a third of the elements are not zero. */
export function isSparse(x: usize, n: i32): bool {
  const zero = constant(0);
  const limit = n / 3;
  let zeros = i32x4.splat(0);
  let left = n;
  while (left >= 4) {
    zeros = i32x4.sub(zeros, f32x4.eq(v128.load(x), zero));
    x += 16;
    left -= 4;
  }
  const count =
    i32x4.extract_lane(zeros, 0) +
    i32x4.extract_lane(zeros, 1) +
    i32x4.extract_lane(zeros, 2) +
    i32x4.extract_lane(zeros, 3);
  return n - left - count < limit;
}

/**
 * Lists each channel's non-zeros of one image's dy.
 * @param positions patch offsets @param lists `channels` lists of room for `count` entries
 * @param ends receives, by channel, where its list ends
 */
function listNonZeros(
  dy: usize,
  positions: usize,
  count: i32,
  channels: i32,
  lists: usize,
  ends: usize,
): void {
  const room = <usize>(count * ENTRY_BYTES);
  for (let c = 0; c < channels; c++)
    store<usize>(ends + ((<usize>c) << 2), lists + <usize>c * room);
  for (let p = 0; p < count; p++) {
    const offset = load<u32>(positions + ((<usize>p) << 2));
    let end = ends;
    for (let c = 0; c < channels; c++) {
      // Written always and kept if not zero: a branch here would be guessed wrong too often.
      const value = load<f32>(dy);
      const at = load<usize>(end);
      store<u32>(at, offset);
      store<f32>(at, value, 4);
      store<usize>(end, at + ((<usize>(value != 0)) << 3));
      dy += 4;
      end += 4;
    }
  }
}

/** sums[12 vectors] += Σ over the list of value · image[offset …]. */
export function addPatches(list: usize, end: usize, image: usize, sums: usize): void {
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
    const p = image + load<u32>(list);
    const v = v128.load_splat<f32>(list, 4);
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(p)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(p, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(p, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v, v128.load(p, 48)));
    s4 = f32x4.add(s4, f32x4.mul(v, v128.load(p, 64)));
    s5 = f32x4.add(s5, f32x4.mul(v, v128.load(p, 80)));
    s6 = f32x4.add(s6, f32x4.mul(v, v128.load(p, 96)));
    s7 = f32x4.add(s7, f32x4.mul(v, v128.load(p, 112)));
    s8 = f32x4.add(s8, f32x4.mul(v, v128.load(p, 128)));
    s9 = f32x4.add(s9, f32x4.mul(v, v128.load(p, 144)));
    s10 = f32x4.add(s10, f32x4.mul(v, v128.load(p, 160)));
    s11 = f32x4.add(s11, f32x4.mul(v, v128.load(p, 176)));
    list += ENTRY_BYTES;
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
export function addNarrowPatches(list: usize, end: usize, image: usize, sums: usize): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  while (list < end) {
    const p = image + load<u32>(list);
    const v = v128.load_splat<f32>(list, 4);
    s0 = f32x4.add(s0, f32x4.mul(v, v128.load(p)));
    s1 = f32x4.add(s1, f32x4.mul(v, v128.load(p, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v, v128.load(p, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v, v128.load(p, 48)));
    list += ENTRY_BYTES;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}

// @ts-ignore: decorator
@inline
function addAt(p: usize, value: v128, weight: v128): void {
  v128.store(p, f32x4.add(v128.load(p), f32x4.mul(value, weight)));
}

/** For each entry of the list: image[offset …] += value · weights[12 vectors]. */
export function spreadWeights(list: usize, end: usize, image: usize, weights: usize): void {
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
    const p = image + load<u32>(list);
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
    list += ENTRY_BYTES;
  }
}

/** The same for four vectors. */
export function spreadNarrowWeights(list: usize, end: usize, image: usize, weights: usize): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights, 16);
  const w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48);
  while (list < end) {
    const p = image + load<u32>(list);
    const v = v128.load_splat<f32>(list, 4);
    addAt(p, v, w0);
    addAt(p + 16, v, w1);
    addAt(p + 32, v, w2);
    addAt(p + 48, v, w3);
    list += ENTRY_BYTES;
  }
}

/** One image's dy, piece by piece: adds to the filter's gradient, or to the image. */
// @ts-ignore: decorator
@inline
function walkPieces(
  isFilter: bool,
  dy: usize,
  image: usize,
  turned: usize,
  w: Window,
  positions: usize,
  taps: usize,
  lists: usize,
): void {
  const count = w.outputHeight * w.outputWidth;
  const channels = w.outputChannels;
  const run = w.filterWidth * w.inputChannels;
  const ends = lists + <usize>(count * channels * ENTRY_BYTES);
  listNonZeros(dy, positions, count, channels, lists, ends);
  for (let row = 0; row < w.filterHeight; row++) {
    const start = row * run;
    // The run's pieces lie side by side in the image, because neighbouring taps do.
    for (let at = 0; at < run; ) {
      const isWide = run - at >= 4 * WIDE;
      const piece = image + load<u32>(taps + ((<usize>(start + at)) << 2));
      let list = lists;
      let weights = turned + ((<usize>(start + at)) << 2);
      for (let c = 0; c < channels; c++) {
        const end = load<usize>(ends + ((<usize>c) << 2));
        if (isFilter) {
          if (isWide) addPatches(list, end, piece, weights);
          else addNarrowPatches(list, end, piece, weights);
        } else {
          if (isWide) spreadWeights(list, end, piece, weights);
          else spreadNarrowWeights(list, end, piece, weights);
        }
        list += <usize>(count * ENTRY_BYTES);
        weights += (<usize>(run * w.filterHeight)) << 2;
      }
      at += isWide ? 4 * WIDE : 4 * NARROW;
    }
  }
}

/** turned [Co, taps] += one image's share of the filter's gradient. */
export function addSparseFilterGradient(
  dy: usize,
  image: usize,
  turned: usize,
  w: Window,
  positions: usize,
  taps: usize,
  lists: usize,
): void {
  walkPieces(true, dy, image, turned, w, positions, taps, lists);
}

/** image += its gradient. @param turned the filter as [Co, taps] */
export function addSparseInputGradient(
  dy: usize,
  image: usize,
  turned: usize,
  w: Window,
  positions: usize,
  taps: usize,
  lists: usize,
): void {
  walkPieces(false, dy, image, turned, w, positions, taps, lists);
}
