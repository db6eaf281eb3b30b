// Gradients of depthwise convolutions of windows of 3 by 3: depthwise.ts's for the image at strides of 2, and
// that for the filter at any stride.
import { BAND_ROWS, BLOCK_CHANNELS, layOut, layOutTo, putBack, rowOf, Rows } from "./depthwise-rows";
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
  bands: i32;
  blocks: i32;
  /** In the workspace, as Depthwise's of depthwise.ts: of dy, and a row of dx. */
  rows: usize;
  zeros: usize;
  kept: usize;
  outputs: usize;
}

/**
 * dx at strides of 2. A row of dx lies in the windows of two rows of dy, under their last and first rows of the
 * filter, or in those of one, under the middle row. A unit is a band of rows of dx of a block of channels.
 */
export function depthwiseInputBy2(record: usize, begin: i32, end: i32): void {
  const r = changetype<SpreadGradient>(record);
  const w = r.window;
  const channels = w.inputChannels;
  const pixel = (<usize>channels) << 2;
  const rows = changetype<Rows>(workspace + r.rows);
  rows.pixelBytes = pixel;
  rows.height = w.outputHeight;
  rows.width = w.outputWidth;
  rows.zeros = workspace + r.zeros;
  rows.kept = workspace + r.kept;
  memory.fill(rows.zeros, 0, (<usize>w.outputWidth) << 4);
  const outputs = workspace + r.outputs;
  for (let unit = begin; unit < end; unit++) {
    const band = unit / r.blocks;
    const channel = (unit - band * r.blocks) * BLOCK_CHANNELS;
    const image = band / r.bands;
    const firstRow = (band - image * r.bands) * BAND_ROWS;
    const endRow = min(firstRow + BAND_ROWS, w.inputHeight);
    const block = min(channels - channel, BLOCK_CHANNELS);
    const at = (<usize>channel) << 2;
    rows.image = r.dy + <usize>image * outputImageBytes(w) + at;
    rows.groups = (block + 3) >> 2;
    rows.next = ((firstRow + w.padTop) >> 1) - 1;
    for (let row = firstRow; row < endRow; row++) {
      const last = (row + w.padTop) >> 1;
      const between = (row + w.padTop) & 1;
      layOutTo(rows, last);
      const f0 = r.filter + at + (between ? 3 * pixel : 0);
      const f1 = r.filter + at + (between ? 3 : 6) * pixel;
      for (let group = 0; group < rows.groups; group++) {
        const p0 = rowOf(rows, last, group);
        const p1 = between ? rows.zeros : rowOf(rows, last - 1, group);
        const next = (<usize>group) << 4;
        const to = outputs + ((<usize>(group * w.inputWidth)) << 4);
        spreadRow(w, p0, p1, f0 + next, f1 + next, pixel, to);
      }
      const dx = r.dx + <usize>((image * w.inputHeight + row) * w.inputWidth) * pixel + at;
      putBack(outputs, dx, pixel, w.inputWidth, block, constant(-Infinity), constant(Infinity));
    }
  }
}

/** Column `k` of two rows of the filter times two gradients, and `value`. */
// @ts-ignore: decorator
@inline
function pair(p0: usize, p1: usize, f0: usize, f1: usize, value: v128): v128 {
  return madd(v128.load(p1), v128.load(f1), madd(v128.load(p0), v128.load(f0), value));
}

/** Four channels of a row of dx. @param tap bytes from one tap of the filter to the next */
function spreadRow(
  w: Window,
  p0: usize,
  p1: usize,
  f0: usize,
  f1: usize,
  tap: usize,
  to: usize,
): void {
  const none = constant(0);
  let column = 0;
  let q = 0;
  let carried = none;
  if (w.padLeft == 1) {
    v128.store(to, pair(p0, p1, f0 + tap, f1 + tap, none));
    carried = pair(p0, p1, f0 + 2 * tap, f1 + 2 * tap, none);
    column = 1;
    q = 1;
  }
  const last = min(w.outputWidth, (w.inputWidth + w.padLeft) >> 1);
  if (q < last) {
    const from = (<usize>q) << 4;
    const at = to + ((<usize>column) << 4);
    const end = at + ((<usize>(last - q)) << 5);
    v128.store(at, carried);
    depthwiseSpread(p0 + from, p1 + from, f0, f1, tap, at, end);
    carried = v128.load(end);
    column += 2 * (last - q);
    q = last;
  }
  if (column < w.inputWidth) {
    const from = (<usize>q) << 4;
    if (q < w.outputWidth) carried = pair(p0 + from, p1 + from, f0, f1, carried);
    v128.store(to + ((<usize>column) << 4), carried);
    column++;
  }
  for (; column < w.inputWidth; column++) v128.store(to + ((<usize>column) << 4), none);
}

/**
 * Two pixels for each gradient, under the first and the second column of its window; what it gives to the one behind
 * them is carried on, from what lies at `to` to what lies behind the last. Bare, as tile.ts says.
 */
export function depthwiseSpread(
  p0: usize,
  p1: usize,
  f0: usize,
  f1: usize,
  tap: usize,
  to: usize,
  end: usize,
): void {
  const a0 = v128.load(f0);
  const a1 = v128.load(f0 + tap);
  const a2 = v128.load(f0 + 2 * tap);
  const b0 = v128.load(f1);
  const b1 = v128.load(f1 + tap);
  const b2 = v128.load(f1 + 2 * tap);
  let carried = v128.load(to);
  while (to < end) {
    const x = v128.load(p0);
    const z = v128.load(p1);
    v128.store(to, madd(z, b0, madd(x, a0, carried)));
    v128.store(to, madd(z, b1, f32x4.mul(x, a1)), 16);
    carried = madd(z, b2, f32x4.mul(x, a2));
    p0 += 16;
    p1 += 16;
    to += 32;
  }
  v128.store(to, carried);
}

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
  /** In the workspace: of x, as Depthwise's of depthwise.ts; a row of dy; nine sums for each kind of row and column. */
  rows: usize;
  kept: usize;
  outputs: usize;
  sums: usize;
}

/**
 * partials [chunks, 9, C]: each the sum over its share of the images. A unit is a block of channels of a chunk.
 * Positions whose windows hang over an edge are summed apart, with some pixel of the image in place of those that
 * are not there; of their sums the taps that met none are left out.
 */
export function depthwiseFilterGradient(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterGradient>(record);
  const w = r.window;
  const channels = w.inputChannels;
  const pixel = (<usize>channels) << 2;
  const rows = changetype<Rows>(workspace + r.rows);
  rows.pixelBytes = pixel;
  rows.height = w.inputHeight;
  rows.width = w.inputWidth;
  rows.kept = workspace + r.kept;
  const outputs = workspace + r.outputs;
  const sums = workspace + r.sums;
  for (let unit = begin; unit < end; unit++) {
    const chunk = unit / r.blocks;
    const channel = (unit - chunk * r.blocks) * BLOCK_CHANNELS;
    const block = min(channels - channel, BLOCK_CHANNELS);
    const at = (<usize>channel) << 2;
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    rows.groups = (block + 3) >> 2;
    memory.fill(sums, 0, (BLOCK_CHANNELS / 4) * 16 * NINE);
    for (let image = firstImage; image < endImage; image++) {
      rows.image = r.x + <usize>image * inputImageBytes(w) + at;
      rows.next = -w.padTop;
      let dy = r.dy + <usize>image * outputImageBytes(w) + at;
      for (let row = 0; row < w.outputHeight; row++) {
        const top = row * w.strideHeight - w.padTop;
        layOutTo(rows, top + 2);
        layOut(dy, pixel, outputs, w.outputWidth, rows.groups);
        for (let group = 0; group < rows.groups; group++) {
          const from = outputs + ((<usize>(group * w.outputWidth)) << 4);
          addRow(w, rows, top, group, from, sums + <usize>(16 * group) * NINE);
        }
        dy += <usize>w.outputWidth * pixel;
      }
    }
    for (let group = 0; group < rows.groups; group++) {
      const c = channel + 4 * group;
      const to = r.partials + ((<usize>(chunk * 9 * channels + c)) << 2);
      joinSums(sums + <usize>(16 * group) * NINE, to, pixel, channels - c);
    }
  }
}

/** Which of three neighbours from `first` on lie outside: 1 the first, 2 the last. */
// @ts-ignore: decorator
@inline
function outside(first: i32, extent: i32): i32 {
  return (first < 0 ? 1 : 0) | (first + 2 >= extent ? 2 : 0);
}

function addRow(w: Window, rows: Rows, top: i32, group: i32, dy: usize, sums: usize): void {
  const bottom = w.inputHeight - 1;
  const width = w.inputWidth;
  const p0 = rowOf(rows, max(top, 0), group);
  const p1 = rowOf(rows, min(top + 1, bottom), group);
  const p2 = rowOf(rows, min(top + 2, bottom), group);
  const ofRow = sums + <usize>(outside(top, w.inputHeight) << 2) * NINE;
  let position = 0;
  while (position < w.outputWidth) {
    const left = position * w.strideWidth - w.padLeft;
    const kind = outside(left, width);
    // All positions inside at once; at the sides one by one.
    const inside = (width - 3 - left) / w.strideWidth + 1;
    const count = kind == 0 ? min(w.outputWidth - position, inside) : 1;
    const first = (<usize>max(left, 0)) << 4;
    const second = ((<usize>min(left + 1, width - 1)) << 4) - first;
    const third = ((<usize>min(left + 2, width - 1)) << 4) - first;
    const from = dy + ((<usize>position) << 4);
    const end = from + ((<usize>count) << 4);
    const to = ofRow + <usize>kind * NINE;
    if (kind == 0) {
      addNineTaps(p0 + first, p1 + first, p2 + first, (<usize>w.strideWidth) << 4, from, end, to);
    } else {
      addBorderTaps(p0 + first, second, third, from, to);
      addBorderTaps(p1 + first, second, third, from, to + 48);
      addBorderTaps(p2 + first, second, third, from, to + 96);
    }
    position += count;
  }
}

/** A row of taps' sums at one position. */
// @ts-ignore: decorator
@inline
function addBorderTaps(p: usize, second: usize, third: usize, dy: usize, sums: usize): void {
  const d = v128.load(dy);
  v128.store(sums, madd(v128.load(p), d, v128.load(sums)));
  v128.store(sums, madd(v128.load(p + second), d, v128.load(sums, 16)), 16);
  v128.store(sums, madd(v128.load(p + third), d, v128.load(sums, 32)), 32);
}

/** The nine taps' sums over positions that follow one another. Bare, as tile.ts says. */
export function addNineTaps(
  p0: usize,
  p1: usize,
  p2: usize,
  step: usize,
  dy: usize,
  end: usize,
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
    sum1 = madd(v128.load(p0, 16), d, sum1);
    sum2 = madd(v128.load(p0, 32), d, sum2);
    sum3 = madd(v128.load(p1), d, sum3);
    sum4 = madd(v128.load(p1, 16), d, sum4);
    sum5 = madd(v128.load(p1, 32), d, sum5);
    sum6 = madd(v128.load(p2), d, sum6);
    sum7 = madd(v128.load(p2, 16), d, sum7);
    sum8 = madd(v128.load(p2, 32), d, sum8);
    p0 += step;
    p1 += step;
    p2 += step;
    dy += 16;
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
