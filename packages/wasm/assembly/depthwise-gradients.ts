// Gradients of depthwise convolutions of windows of 3 by 3: that for the image at strides of 2 (depthwise.ts has
// the one at strides of 1), and that for the filter at any stride.
import {
  BAND_ROWS,
  BLOCK_CHANNELS,
  clearRows,
  layOut,
  layOutTo,
  putBack,
  rowOf,
  Rows,
} from "./depthwise-rows";
import { storeUpTo } from "./lanes";
import { constant, madd } from "./math";
import { workspace } from "./thread";
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
  /** In the workspace: Rows of dy, what they keep, and a row of dx with its padding. */
  rows: usize;
  kept: usize;
  outputs: usize;
}

/**
 * dx at strides of 2. A row of dx lies in the windows of two rows of dy, under their first and last rows of the
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
  rows.left = 0;
  rows.paddedWidth = w.outputWidth;
  rows.zeros = workspace + r.kept;
  clearRows(rows);
  const outputs = workspace + r.outputs;
  const step = (<usize>w.paddedWidth) << 4;
  const written = (<usize>w.outputWidth) << 5;
  // What no window reaches stays zero.
  memory.fill(outputs, 0, (BLOCK_CHANNELS / 4) * step);
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
      const f0 = r.filter + at + (between ? 3 : 0) * pixel;
      const f1 = r.filter + at + (between ? 3 : 6) * pixel;
      for (let group = 0; group < rows.groups; group++) {
        const p0 = rowOf(rows, last, group);
        const p1 = between ? rows.zeros : rowOf(rows, last - 1, group);
        const next = (<usize>group) << 4;
        const to = outputs + <usize>group * step;
        depthwiseSpread(p0, p1, f0 + next, f1 + next, pixel, to, to + written);
      }
      const from = outputs + ((<usize>w.padLeft) << 4);
      const dx = r.dx + <usize>((image * w.inputHeight + row) * w.inputWidth) * pixel + at;
      putBack(from, step, dx, pixel, w.inputWidth, block, constant(-Infinity), constant(Infinity));
    }
  }
}

/** Two pixels for each gradient, under its window's first two columns, and one behind the last. Bare, as tile.ts says. */
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
  let carried = f32x4.splat(0);
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
  /** In the workspace: Rows of x, what they keep, a row of dy, and nine sums for each four channels. */
  rows: usize;
  kept: usize;
  outputs: usize;
  sums: usize;
}

/** partials [chunks, 9, C]: each the sum over its share of the images. A unit is a block of channels of a chunk. */
export function depthwiseFilterGradient(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterGradient>(record);
  const w = r.window;
  const channels = w.inputChannels;
  const pixel = (<usize>channels) << 2;
  const rows = changetype<Rows>(workspace + r.rows);
  rows.pixelBytes = pixel;
  rows.height = w.inputHeight;
  rows.width = w.inputWidth;
  rows.left = w.padLeft;
  rows.paddedWidth = w.paddedWidth;
  rows.zeros = workspace + r.kept;
  clearRows(rows);
  const outputs = workspace + r.outputs;
  const sums = workspace + r.sums;
  const step = (<usize>w.outputWidth) << 4;
  const stride = (<usize>w.strideWidth) << 4;
  for (let unit = begin; unit < end; unit++) {
    const chunk = unit / r.blocks;
    const channel = (unit - chunk * r.blocks) * BLOCK_CHANNELS;
    const at = (<usize>channel) << 2;
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    rows.groups = (min(channels - channel, BLOCK_CHANNELS) + 3) >> 2;
    memory.fill(sums, 0, (BLOCK_CHANNELS / 4) * NINE);
    for (let image = firstImage; image < endImage; image++) {
      rows.image = r.x + <usize>image * inputImageBytes(w) + at;
      rows.next = -w.padTop;
      let dy = r.dy + <usize>image * outputImageBytes(w) + at;
      for (let row = 0; row < w.outputHeight; row++) {
        const top = row * w.strideHeight - w.padTop;
        layOutTo(rows, top + 2);
        layOut(dy, pixel, outputs, step, w.outputWidth, rows.groups);
        for (let group = 0; group < rows.groups; group++) {
          const p0 = rowOf(rows, top, group);
          const p1 = rowOf(rows, top + 1, group);
          const p2 = rowOf(rows, top + 2, group);
          const from = outputs + <usize>group * step;
          addNineTaps(p0, p1, p2, stride, from, from + step, sums + <usize>group * NINE);
        }
        dy += <usize>w.outputWidth * pixel;
      }
    }
    for (let group = 0; group < rows.groups; group++) {
      const c = channel + 4 * group;
      let to = r.partials + ((<usize>(chunk * 9 * channels + c)) << 2);
      for (let tap = 0; tap < 9; tap++) {
        storeUpTo(to, v128.load(sums + ((<usize>(9 * group + tap)) << 4)), channels - c);
        to += pixel;
      }
    }
  }
}

/** The nine taps' sums over a row of gradients. Bare, as tile.ts says. */
export function addNineTaps(
  p0: usize,
  p1: usize,
  p2: usize,
  stride: usize,
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
    p0 += stride;
    p1 += stride;
    p2 += stride;
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
