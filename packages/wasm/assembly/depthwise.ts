// Depthwise convolutions of windows of 3 by 3 at strides of 1 or 2 along rows: four channels at a time along a row of
// the output, nine weights in registers. A column of the image is read once and goes to every output whose window
// holds it: those under way are kept in registers from column to column.
//
// The same walk with the filter turned by half a turn makes the gradient for the image at strides of 1.
import {
  BAND_ROWS,
  BLOCK_CHANNELS,
  clearRows,
  layOutTo,
  putBack,
  rowOf,
  Rows,
} from "./depthwise-rows";
import { constant, madd } from "./math";
import { workspace } from "./thread";
import { inputImageBytes, Window } from "./window";

/** y = min(max(x ∗ filter + bias, floor), ceiling). A unit is a band of rows of a block of channels. */
// @ts-ignore: decorator
@unmanaged
class Depthwise {
  x: usize;
  filter: usize;
  bias: usize;
  y: usize;
  window: Window;
  /** 1 where the filter is read from its last tap to its first. */
  turned: i32;
  floor: f32;
  ceiling: f32;
  bands: i32;
  blocks: i32;
  /** In the workspace: Rows, what they keep, and a row of outputs. */
  rows: usize;
  kept: usize;
  outputs: usize;
}

export function depthwiseRows(record: usize, begin: i32, end: i32): void {
  const r = changetype<Depthwise>(record);
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
  const step = (<usize>w.outputWidth) << 4;
  const filter = r.filter + (r.turned ? pixel << 3 : 0);
  const tap = r.turned ? 0 - pixel : pixel;
  const least = constant(r.floor);
  const most = constant(r.ceiling);
  for (let unit = begin; unit < end; unit++) {
    const band = unit / r.blocks;
    const channel = (unit - band * r.blocks) * BLOCK_CHANNELS;
    const image = band / r.bands;
    const firstRow = (band - image * r.bands) * BAND_ROWS;
    const endRow = min(firstRow + BAND_ROWS, w.outputHeight);
    const block = min(channels - channel, BLOCK_CHANNELS);
    const at = (<usize>channel) << 2;
    rows.image = r.x + <usize>image * inputImageBytes(w) + at;
    rows.groups = (block + 3) >> 2;
    rows.next = firstRow * w.strideHeight - w.padTop;
    for (let row = firstRow; row < endRow; row++) {
      const top = row * w.strideHeight - w.padTop;
      layOutTo(rows, top + 2);
      for (let group = 0; group < rows.groups; group++) {
        const p0 = rowOf(rows, top, group);
        const p1 = rowOf(rows, top + 1, group);
        const p2 = rowOf(rows, top + 2, group);
        const next = at + ((<usize>group) << 4);
        const bias = r.bias == 0 ? rows.zeros : r.bias + next;
        const to = outputs + <usize>group * step;
        if (w.strideWidth == 1) {
          depthwiseEach(p0, p1, p2, filter + next, tap, bias, to, to + step);
        } else {
          depthwiseEveryOther(p0, p1, p2, filter + next, tap, bias, to, to + step);
        }
      }
      const y = r.y + <usize>((image * w.outputHeight + row) * w.outputWidth) * pixel + at;
      putBack(outputs, step, y, pixel, w.outputWidth, block, least, most);
    }
  }
}

/** An output for each column but the first two. Bare, as tile.ts says. */
export function depthwiseEach(
  p0: usize,
  p1: usize,
  p2: usize,
  w: usize,
  tap: usize,
  bias: usize,
  y: usize,
  end: usize,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w + tap);
  const w2 = v128.load(w + 2 * tap);
  const w3 = v128.load(w + 3 * tap);
  const w4 = v128.load(w + 4 * tap);
  const w5 = v128.load(w + 5 * tap);
  const w6 = v128.load(w + 6 * tap);
  const w7 = v128.load(w + 7 * tap);
  const w8 = v128.load(w + 8 * tap);
  // Of the next output two columns are known, of the one behind it one.
  let a = madd(v128.load(p0), w0, v128.load(bias));
  a = madd(v128.load(p1), w3, a);
  a = madd(v128.load(p2), w6, a);
  let b = madd(v128.load(p0, 16), w0, v128.load(bias));
  b = madd(v128.load(p1, 16), w3, b);
  b = madd(v128.load(p2, 16), w6, b);
  a = madd(v128.load(p0, 16), w1, a);
  a = madd(v128.load(p1, 16), w4, a);
  a = madd(v128.load(p2, 16), w7, a);
  while (y < end) {
    let x = v128.load(p0, 32);
    let out = madd(x, w2, a);
    a = madd(x, w1, b);
    b = madd(x, w0, v128.load(bias));
    x = v128.load(p1, 32);
    out = madd(x, w5, out);
    a = madd(x, w4, a);
    b = madd(x, w3, b);
    x = v128.load(p2, 32);
    out = madd(x, w8, out);
    a = madd(x, w7, a);
    b = madd(x, w6, b);
    v128.store(y, out);
    p0 += 16;
    p1 += 16;
    p2 += 16;
    y += 16;
  }
}

/** An output for each pair of columns behind the first. Bare, as tile.ts says. */
export function depthwiseEveryOther(
  p0: usize,
  p1: usize,
  p2: usize,
  w: usize,
  tap: usize,
  bias: usize,
  y: usize,
  end: usize,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w + tap);
  const w2 = v128.load(w + 2 * tap);
  const w3 = v128.load(w + 3 * tap);
  const w4 = v128.load(w + 4 * tap);
  const w5 = v128.load(w + 5 * tap);
  const w6 = v128.load(w + 6 * tap);
  const w7 = v128.load(w + 7 * tap);
  const w8 = v128.load(w + 8 * tap);
  // Of the next output one column is known.
  let a = madd(v128.load(p0), w0, v128.load(bias));
  a = madd(v128.load(p1), w3, a);
  a = madd(v128.load(p2), w6, a);
  while (y < end) {
    let out = madd(v128.load(p0, 16), w1, a);
    out = madd(v128.load(p1, 16), w4, out);
    out = madd(v128.load(p2, 16), w7, out);
    let x = v128.load(p0, 32);
    out = madd(x, w2, out);
    a = madd(x, w0, v128.load(bias));
    x = v128.load(p1, 32);
    out = madd(x, w5, out);
    a = madd(x, w3, a);
    x = v128.load(p2, 32);
    out = madd(x, w8, out);
    a = madd(x, w6, a);
    v128.store(y, out);
    p0 += 32;
    p1 += 32;
    p2 += 32;
    y += 16;
  }
}
