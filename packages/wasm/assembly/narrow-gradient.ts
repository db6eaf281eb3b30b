// The gradient for filter and bias of a convolution behind a max pool, for images of one channel, when
// a patch is so short that it fits into three or seven vectors. Patches are copied side by side first,
// each followed by a 1, whose sum is the gradient for the bias; then every cell is followed to its
// winner's patch.
import { madd } from "./math";
import { workspace } from "./thread";
import { bordered, inputImageBytes, Window } from "./window";

/** partials [chunks, Co, width]. A unit is a chunk of the images. */
// @ts-ignore: decorator
@unmanaged
class NarrowFilter {
  x: usize;
  dy: usize;
  winners: usize;
  partials: usize;
  window: Window;
  cells: i32;
  chunks: i32;
  /** Elements in a patch with its 1, filled up: 12, and then Co is a multiple of four, or 28. */
  width: i32;
  /** Pixels in which a patch can begin. */
  pixels: i32;
  copy: usize;
  /** In the workspace: a patch for every pixel. */
  patches: usize;
}

export function narrowFilterByWinners(record: usize, begin: i32, end: i32): void {
  const r = changetype<NarrowFilter>(record);
  const w = r.window;
  const channels = w.outputChannels;
  const patches = workspace + r.patches;
  const patchBytes = (<usize>r.width) << 2;
  const step = (<usize>channels) << 2;
  const cellBytes = <usize>r.cells * step;
  for (let chunk = begin; chunk < end; chunk++) {
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    const partial = r.partials + <usize>(chunk * channels) * patchBytes;
    memory.fill(partial, 0, <usize>channels * patchBytes);
    for (let i = firstImage; i < endImage; i++) {
      const image = bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy);
      if (w.filterWidth == 3 && w.filterHeight == 3) copyPatchesOfNine(image, patches, r);
      else copyPatches(image, patches, r);
      const dy = r.dy + <usize>i * cellBytes;
      const winners = r.winners + <usize>i * cellBytes;
      let sums = partial;
      for (let c = 0; c < channels; c += 4) {
        const at = (<usize>c) << 2;
        const dyEnd = dy + at + cellBytes;
        if (r.width == 12) addToFour(dy + at, dyEnd, step, winners + at, patches, sums);
        else addToOnes(dy + at, dyEnd, step, winners + at, patches, sums, min(4, channels - c));
        sums += 4 * patchBytes;
      }
    }
  }
}

function addToOnes(
  dy: usize,
  end: usize,
  step: usize,
  winners: usize,
  patches: usize,
  sums: usize,
  count: i32,
): void {
  for (let j = 0; j < count; j++) {
    addToOne(dy, end, step, winners, patches, sums);
    dy += 4;
    end += 4;
    winners += 4;
    sums += 112;
  }
}

/** Each pixel's patch: its rows one after another, then a 1, then zeros. */
function copyPatches(image: usize, to: usize, r: NarrowFilter): void {
  const w = r.window;
  const line = (<usize>(w.paddedHeight == 0 ? w.inputWidth : w.paddedWidth)) << 2;
  const run = (<usize>w.filterWidth) << 2;
  const patchBytes = (<usize>r.width) << 2;
  for (let p = 0; p < r.pixels; p++) {
    let from = image + ((<usize>p) << 2);
    let target = to;
    // Whole vectors: what lies past an end is written over by what comes next.
    for (let row = 0; row < w.filterHeight; row++) {
      for (let at: usize = 0; at < run; at += 16) v128.store(target + at, v128.load(from + at));
      from += line;
      target += run;
    }
    v128.store(target, f32x4(1, 0, 0, 0));
    to += patchBytes;
    for (target += 16; target < to; target += 16) v128.store(target, f32x4.splat(0));
  }
}

/** The same for patches of 3 by 3, which is nearly all of them. */
function copyPatchesOfNine(image: usize, to: usize, r: NarrowFilter): void {
  const w = r.window;
  const line = (<usize>(w.paddedHeight == 0 ? w.inputWidth : w.paddedWidth)) << 2;
  const patchBytes = (<usize>r.width) << 2;
  const last = f32x4(0, 1, 0, 0);
  for (let p = 0; p < r.pixels; p++) {
    const below = image + line;
    v128.store(to, v128.load(image));
    v128.store(to + 12, v128.load(below));
    v128.store(to + 24, v128.load(below + line));
    v128.store(to + 32, v128.replace_lane<f32>(last, 0, load<f32>(below + line, 8)));
    for (let at: usize = 48; at < patchBytes; at += 16) v128.store(to + at, f32x4.splat(0));
    image += 4;
    to += patchBytes;
  }
}

/**
 * sums [4 channels, 12] += value · patch for every cell of an image. A winner's byte offset is four
 * times its pixel, whose patch has twelve elements.
 */
export function addToFour(
  dy: usize,
  end: usize,
  step: usize,
  winners: usize,
  patches: usize,
  sums: usize,
): void {
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32);
  let b0 = v128.load(sums, 48);
  let b1 = v128.load(sums, 64);
  let b2 = v128.load(sums, 80);
  let c0 = v128.load(sums, 96);
  let c1 = v128.load(sums, 112);
  let c2 = v128.load(sums, 128);
  let d0 = v128.load(sums, 144);
  let d1 = v128.load(sums, 160);
  let d2 = v128.load(sums, 176);
  while (dy < end) {
    const winner = v128.load(winners);
    const value = v128.andnot(v128.load(dy), i32x4.shr_s(winner, 31));
    const at = i32x4.max_s(winner, i32x4.splat(0));
    let v = v128.shuffle<i32>(value, value, 0, 0, 0, 0);
    let p = patches + 12 * i32x4.extract_lane(at, 0);
    a0 = madd(v, v128.load(p), a0);
    a1 = madd(v, v128.load(p, 16), a1);
    a2 = madd(v, v128.load(p, 32), a2);
    v = v128.shuffle<i32>(value, value, 1, 1, 1, 1);
    p = patches + 12 * i32x4.extract_lane(at, 1);
    b0 = madd(v, v128.load(p), b0);
    b1 = madd(v, v128.load(p, 16), b1);
    b2 = madd(v, v128.load(p, 32), b2);
    v = v128.shuffle<i32>(value, value, 2, 2, 2, 2);
    p = patches + 12 * i32x4.extract_lane(at, 2);
    c0 = madd(v, v128.load(p), c0);
    c1 = madd(v, v128.load(p, 16), c1);
    c2 = madd(v, v128.load(p, 32), c2);
    v = v128.shuffle<i32>(value, value, 3, 3, 3, 3);
    p = patches + 12 * i32x4.extract_lane(at, 3);
    d0 = madd(v, v128.load(p), d0);
    d1 = madd(v, v128.load(p, 16), d1);
    d2 = madd(v, v128.load(p, 32), d2);
    dy += step;
    winners += step;
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, b0, 48);
  v128.store(sums, b1, 64);
  v128.store(sums, b2, 80);
  v128.store(sums, c0, 96);
  v128.store(sums, c1, 112);
  v128.store(sums, c2, 128);
  v128.store(sums, d0, 144);
  v128.store(sums, d1, 160);
  v128.store(sums, d2, 176);
}

/** sums [28] of one channel, likewise. */
export function addToOne(
  dy: usize,
  end: usize,
  step: usize,
  winners: usize,
  patches: usize,
  sums: usize,
): void {
  let s0 = v128.load(sums);
  let s1 = v128.load(sums, 16);
  let s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64);
  let s5 = v128.load(sums, 80);
  let s6 = v128.load(sums, 96);
  while (dy < end) {
    const winner = load<i32>(winners);
    if (winner >= 0) {
      const v = v128.load_splat<f32>(dy);
      const p = patches + 28 * winner;
      s0 = madd(v, v128.load(p), s0);
      s1 = madd(v, v128.load(p, 16), s1);
      s2 = madd(v, v128.load(p, 32), s2);
      s3 = madd(v, v128.load(p, 48), s3);
      s4 = madd(v, v128.load(p, 64), s4);
      s5 = madd(v, v128.load(p, 80), s5);
      s6 = madd(v, v128.load(p, 96), s6);
    }
    dy += step;
    winners += step;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
}
