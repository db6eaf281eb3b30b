// Gradients of depthwise convolutions of windows of 3 by 3: depthwise.ts's for the image at strides of 2, and
// that for the filter at any stride.
import { lineOf, spreadOutputs } from "./depthwise";
import { storeUpTo } from "./lanes";
import { constant, madd } from "./math";
import { workspace } from "./run";
import { inputImageBytes, outputImageBytes, Window } from "./window";

// @ts-ignore: decorator
@unmanaged
class SpreadGradient {
  dy: usize;
  filter: usize;
  dx: usize;
  window: Window;
  /** In the workspace, as Depthwise's of depthwise.ts. */
  zeros: usize;
  outputs: usize;
  underWay: usize;
}

/**
 * dx at strides of 2. A row of dx lies in the windows of two rows of dy, under their last and first rows of the
 * filter, or in those of one, under the middle row. A unit is a row of dx.
 */
export function depthwiseInputBy2(record: usize, begin: i32, end: i32): void {
  const r = changetype<SpreadGradient>(record);
  const w = r.window;
  const pixel = (<usize>w.inputChannels) << 2;
  const lineBytes = <usize>w.outputWidth * pixel;
  const zeros = workspace + r.zeros;
  memory.fill(zeros, 0, lineBytes + 16);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / w.inputHeight;
    const row = unit - image * w.inputHeight + w.padTop;
    const dy = r.dy + <usize>(image * w.outputHeight) * lineBytes;
    const between = row & 1;
    const p0 = lineOf(dy, row >> 1, w.outputHeight, lineBytes, zeros);
    const p1 = between ? zeros : lineOf(dy, (row >> 1) - 1, w.outputHeight, lineBytes, zeros);
    const f0 = r.filter + (between ? 3 * pixel : 0);
    const f1 = r.filter + (between ? 3 : 6) * pixel;
    const dx = r.dx + <usize>(unit * w.inputWidth) * pixel;
    for (let c = 0; c < w.inputChannels; c += 4) {
      const at = (<usize>c) << 2;
      const narrow = w.inputChannels - c < 4;
      const to = narrow ? workspace + r.outputs : dx + at;
      spreadRow(r, p0 + at, p1 + at, f0 + at, f1 + at, to, narrow ? 16 : pixel);
      if (narrow) spreadOutputs(to, dx + at, w.inputWidth, pixel, w.inputChannels - c);
    }
  }
}

/** Column `k` of two rows of the filter times two gradients, and `value`. */
// @ts-ignore: decorator
@inline
function pair(p0: usize, p1: usize, f0: usize, f1: usize, value: v128): v128 {
  return madd(v128.load(p1), v128.load(f1), madd(v128.load(p0), v128.load(f0), value));
}

function spreadRow(
  r: SpreadGradient,
  p0: usize,
  p1: usize,
  f0: usize,
  f1: usize,
  to: usize,
  stepTo: usize,
): void {
  const w = r.window;
  const step = (<usize>w.inputChannels) << 2;
  const state = workspace + r.underWay;
  const none = constant(0);
  let column = 0;
  let q = 0;
  let carried = none;
  if (w.padLeft == 1) {
    v128.store(to, pair(p0, p1, f0 + step, f1 + step, none));
    carried = pair(p0, p1, f0 + 2 * step, f1 + 2 * step, none);
    column = 1;
    q = 1;
  }
  const last = min(w.outputWidth, (w.inputWidth + w.padLeft) >> 1);
  if (q < last) {
    v128.store(state, carried);
    const from = <usize>q * step;
    const end = p0 + <usize>last * step;
    const at = to + <usize>column * stepTo;
    depthwiseSpread(p0 + from, p1 + from, end, step, f0, f1, at, stepTo, state);
    carried = v128.load(state);
    column += 2 * (last - q);
    q = last;
  }
  if (column < w.inputWidth) {
    const from = <usize>q * step;
    if (q < w.outputWidth) carried = pair(p0 + from, p1 + from, f0, f1, carried);
    v128.store(to + <usize>column * stepTo, carried);
    column++;
  }
  for (; column < w.inputWidth; column++) v128.store(to + <usize>column * stepTo, none);
}

/** Two pixels for each gradient, under the first and the second column of its window. Bare, as tile.ts says. */
export function depthwiseSpread(
  p0: usize,
  p1: usize,
  end: usize,
  step: usize,
  f0: usize,
  f1: usize,
  to: usize,
  stepTo: usize,
  state: usize,
): void {
  const a0 = v128.load(f0);
  const a1 = v128.load(f0 + step);
  const a2 = v128.load(f0 + 2 * step);
  const b0 = v128.load(f1);
  const b1 = v128.load(f1 + step);
  const b2 = v128.load(f1 + 2 * step);
  let carried = v128.load(state);
  while (p0 < end) {
    const x = v128.load(p0);
    const z = v128.load(p1);
    v128.store(to, madd(z, b0, madd(x, a0, carried)));
    v128.store(to + stepTo, madd(z, b1, f32x4.mul(x, a1)));
    carried = madd(z, b2, f32x4.mul(x, a2));
    p0 += step;
    p1 += step;
    to += stepTo << 1;
  }
  v128.store(state, carried);
}

/** Channels of a unit of the filter's gradient: a cache line, as GRADIENT_CHANNELS of src/kernels/depthwise.ts. */
const GRADIENT_CHANNELS = 16;
/** Bytes of nine sums of four channels. */
const NINE = 9 * 16;

// @ts-ignore: decorator
@unmanaged
class FilterGradient {
  x: usize;
  dy: usize;
  partials: usize;
  window: Window;
  chunks: i32;
  blocks: i32;
  /** In the workspace: nine sums for each kind of row and column, by which of their pixels lie outside. */
  sums: usize;
}

/**
 * partials [chunks, 9, C]: each the sum over its share of the images. A unit is sixteen channels of a chunk.
 * Positions whose windows hang over an edge are summed apart, with some pixel of the image in place of those that
 * are not there; of their sums the taps that met none are left out.
 */
export function depthwiseFilterGradient(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterGradient>(record);
  const w = r.window;
  const channels = w.inputChannels;
  const sums = workspace + r.sums;
  for (let unit = begin; unit < end; unit++) {
    const chunk = unit / r.blocks;
    const firstChannel = (unit - chunk * r.blocks) * GRADIENT_CHANNELS;
    const endChannel = min(channels, firstChannel + GRADIENT_CHANNELS);
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    memory.fill(sums, 0, 4 * 16 * NINE);
    for (let image = firstImage; image < endImage; image++) {
      for (let row = 0; row < w.outputHeight; row++) {
        for (let c = firstChannel; c < endChannel; c += 4) {
          addRow(r, w, image, row, c, sums + <usize>((c - firstChannel) >> 2) * 16 * NINE);
        }
      }
    }
    let from = sums;
    for (let c = firstChannel; c < endChannel; c += 4) {
      const to = r.partials + ((<usize>(chunk * 9 * channels + c)) << 2);
      joinSums(from, to, (<usize>channels) << 2, channels - c);
      from += 16 * NINE;
    }
  }
}

/** Which of three neighbours from `first` on lie outside: 1 the first, 2 the last. */
// @ts-ignore: decorator
@inline
function outside(first: i32, extent: i32): i32 {
  return (first < 0 ? 1 : 0) | (first + 2 >= extent ? 2 : 0);
}

function addRow(r: FilterGradient, w: Window, image: i32, row: i32, c: i32, sums: usize): void {
  const step = (<usize>w.inputChannels) << 2;
  const line = <usize>w.inputWidth * step;
  const at = (<usize>c) << 2;
  const x = r.x + <usize>image * inputImageBytes(w) + at;
  const dy = r.dy + <usize>image * outputImageBytes(w) + <usize>(row * w.outputWidth) * step + at;
  const top = row * w.strideHeight - w.padTop;
  const bottom = w.inputHeight - 1;
  const p0 = x + <usize>max(top, 0) * line;
  const p1 = x + <usize>min(top + 1, bottom) * line;
  const p2 = x + <usize>min(top + 2, bottom) * line;
  const group = sums + <usize>(outside(top, w.inputHeight) << 2) * NINE;
  let position = 0;
  while (position < w.outputWidth) {
    const left = position * w.strideWidth - w.padLeft;
    const kind = outside(left, w.inputWidth);
    // All positions inside at once; at the sides one by one.
    const inside = (w.inputWidth - 3 - left) / w.strideWidth + 1;
    const count = kind == 0 ? min(w.outputWidth - position, inside) : 1;
    const first = <usize>max(left, 0) * step;
    const second = <usize>min(left + 1, w.inputWidth - 1) * step - first;
    const third = <usize>min(left + 2, w.inputWidth - 1) * step - first;
    const from = dy + <usize>position * step;
    addNineTaps(
      p0 + first,
      p1 + first,
      p2 + first,
      second,
      third,
      <usize>w.strideWidth * step,
      from,
      from + <usize>count * step,
      step,
      group + <usize>kind * NINE,
    );
    position += count;
  }
}

/** The nine taps' sums over positions that follow one another. Bare, as tile.ts says. */
export function addNineTaps(
  p0: usize,
  p1: usize,
  p2: usize,
  second: usize,
  third: usize,
  step: usize,
  dy: usize,
  end: usize,
  stepDy: usize,
  sums: usize,
): void {
  let sum0 = v128.load(sums);
  let sum1 = v128.load(sums, 16);
  let sum2 = v128.load(sums, 32);
  let sum3 = v128.load(sums, 48);
  let sum4 = v128.load(sums, 64);
  let sum5 = v128.load(sums, 80);
  let sum6 = v128.load(sums, 96);
  let sum7 = v128.load(sums, 112);
  let sum8 = v128.load(sums, 128);
  while (dy < end) {
    const d = v128.load(dy);
    sum0 = madd(v128.load(p0), d, sum0);
    sum1 = madd(v128.load(p0 + second), d, sum1);
    sum2 = madd(v128.load(p0 + third), d, sum2);
    sum3 = madd(v128.load(p1), d, sum3);
    sum4 = madd(v128.load(p1 + second), d, sum4);
    sum5 = madd(v128.load(p1 + third), d, sum5);
    sum6 = madd(v128.load(p2), d, sum6);
    sum7 = madd(v128.load(p2 + second), d, sum7);
    sum8 = madd(v128.load(p2 + third), d, sum8);
    p0 += step;
    p1 += step;
    p2 += step;
    dy += stepDy;
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
  v128.store(sums, sum4, 64);
  v128.store(sums, sum5, 80);
  v128.store(sums, sum6, 96);
  v128.store(sums, sum7, 112);
  v128.store(sums, sum8, 128);
}

/** Each tap's sum over the kinds of rows and columns in which it meets a pixel. */
function joinSums(sums: usize, to: usize, step: usize, lanes: i32): void {
  for (let ky = 0; ky < 3; ky++) {
    for (let kx = 0; kx < 3; kx++) {
      let total = constant(0);
      for (let kind = 0; kind < 16; kind++) {
        if (isOutside(kind >> 2, ky) || isOutside(kind & 3, kx)) continue;
        const at = sums + <usize>kind * NINE + ((<usize>(3 * ky + kx)) << 4);
        total = f32x4.add(total, v128.load(at));
      }
      storeUpTo(to, total, lanes);
      to += step;
    }
  }
}

// @ts-ignore: decorator
@inline
function isOutside(kind: i32, k: i32): bool {
  return (k == 0 && (kind & 1) != 0) || (k == 2 && (kind & 2) != 0);
}
