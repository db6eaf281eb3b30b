// Depthwise convolutions of windows of 3 by 3 at strides of 1 or 2: four channels at a time along a row of
// the output, nine weights in registers. A column of the image is read once and goes to every output whose
// window holds it: those under way are kept in registers from column to column. Rows outside of the image
// are read from a row of zeros; at the sides, columns outside of it are left out.
//
// The same walk with the filter turned by half a turn makes the gradient for the image at strides of 1.
import { BAND_ROWS, BLOCK_CHANNELS, layOutTo, putBack, rowOf, Rows } from "./depthwise-rows";
import { constant, madd } from "./math";
import { workspace } from "./run";
import { Window } from "./window";

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
  /** In the workspace: what depthwise-rows.ts keeps, a row of zeros, rows of the image, a row of outputs. */
  rows: usize;
  zeros: usize;
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
  rows.zeros = workspace + r.zeros;
  rows.kept = workspace + r.kept;
  memory.fill(rows.zeros, 0, (<usize>w.inputWidth) << 4);
  const outputs = workspace + r.outputs;
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
    rows.image = r.x + <usize>(image * w.inputHeight * w.inputWidth) * pixel + at;
    rows.groups = (block + 3) >> 2;
    rows.next = firstRow * w.strideHeight - w.padTop;
    for (let row = firstRow; row < endRow; row++) {
      const top = row * w.strideHeight - w.padTop;
      layOutTo(rows, top + 2);
      for (let group = 0; group < rows.groups; group++) {
        const p0 = rowOf(rows, top, group);
        const p1 = rowOf(rows, top + 1, group);
        const p2 = rowOf(rows, top + 2, group);
        const y = outputs + ((<usize>(group * w.outputWidth)) << 4);
        outputsOf(r, w, p0, p1, p2, at + ((<usize>group) << 4), y);
      }
      const y = r.y + <usize>((image * w.outputHeight + row) * w.outputWidth) * pixel + at;
      putBack(outputs, y, pixel, w.outputWidth, block, least, most);
    }
  }
}

/** Four channels of a row of outputs. @param at bytes of the channels before them */
function outputsOf(
  r: Depthwise,
  w: Window,
  p0: usize,
  p1: usize,
  p2: usize,
  at: usize,
  y: usize,
): void {
  const tap = (<usize>w.inputChannels) << 2;
  const filter = r.filter + at + (r.turned ? tap << 3 : 0);
  const step = r.turned ? 0 - tap : tap;
  const bias = r.bias == 0 ? changetype<Rows>(workspace + r.rows).zeros : r.bias + at;
  const first = v128.load(bias);
  const left = -w.padLeft;
  const outputs = w.outputWidth;
  const width = w.inputWidth;
  let a = column(p0, p1, p2, left, width, filter, step, first);
  let b = first;
  let done: i32;
  if (w.strideWidth == 1) {
    b = column(p0, p1, p2, left + 1, width, filter, step, first);
    a = column(p0, p1, p2, left + 1, width, filter + step, step, a);
    done = max(0, min(outputs, width - 2 - left));
    if (done > 0) {
      v128.store(y, a);
      v128.store(y, b, 16);
      const from = (<usize>(left + 2)) << 4;
      const end = y + ((<usize>done) << 4);
      depthwiseEach(p0 + from, p1 + from, p2 + from, filter, step, bias, y, end);
      a = v128.load(end);
      b = v128.load(end, 16);
    }
  } else {
    done = max(0, min(outputs, (width - 1 - left) >> 1));
    if (done > 0) {
      v128.store(y, a);
      const from = (<usize>(left + 1)) << 4;
      const end = y + ((<usize>done) << 4);
      depthwiseEveryOther(p0 + from, p1 + from, p2 + from, filter, step, bias, y, end);
      a = v128.load(end);
    }
    if (done < outputs) {
      a = column(p0, p1, p2, left + 2 * done + 1, width, filter + step, step, a);
    }
  }
  // What is left lies with its last columns beyond the image.
  for (; done < outputs; done++) {
    v128.store(y + ((<usize>done) << 4), a);
    a = b;
    b = first;
  }
}

/** `value` and the three pixels of a column times a column of the filter; a column outside counts for nothing. */
// @ts-ignore: decorator
@inline
function column(
  p0: usize,
  p1: usize,
  p2: usize,
  index: i32,
  width: i32,
  filter: usize,
  step: usize,
  value: v128,
): v128 {
  if (<u32>index >= <u32>width) return value;
  const at = (<usize>index) << 4;
  const line = 3 * step;
  value = madd(v128.load(p0 + at), v128.load(filter), value);
  value = madd(v128.load(p1 + at), v128.load(filter + line), value);
  return madd(v128.load(p2 + at), v128.load(filter + 2 * line), value);
}

/**
 * An output for each column, whose window it ends. Those under way, a of the next column and b of the one behind it,
 * come in what lies at y and go to what lies behind the last. Bare, as tile.ts says.
 */
export function depthwiseEach(
  p0: usize,
  p1: usize,
  p2: usize,
  w: usize,
  stepW: usize,
  bias: usize,
  y: usize,
  end: usize,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w + stepW);
  const w2 = v128.load(w + 2 * stepW);
  const w3 = v128.load(w + 3 * stepW);
  const w4 = v128.load(w + 4 * stepW);
  const w5 = v128.load(w + 5 * stepW);
  const w6 = v128.load(w + 6 * stepW);
  const w7 = v128.load(w + 7 * stepW);
  const w8 = v128.load(w + 8 * stepW);
  let a = v128.load(y);
  let b = v128.load(y, 16);
  while (y < end) {
    let x = v128.load(p0);
    let out = madd(x, w2, a);
    a = madd(x, w1, b);
    b = madd(x, w0, v128.load(bias));
    x = v128.load(p1);
    out = madd(x, w5, out);
    a = madd(x, w4, a);
    b = madd(x, w3, b);
    x = v128.load(p2);
    out = madd(x, w8, out);
    a = madd(x, w7, a);
    b = madd(x, w6, b);
    v128.store(y, out);
    p0 += 16;
    p1 += 16;
    p2 += 16;
    y += 16;
  }
  v128.store(y, a);
  v128.store(y, b, 16);
}

/** An output for each pair of columns, its second and its third; a likewise. Bare, as tile.ts says. */
export function depthwiseEveryOther(
  p0: usize,
  p1: usize,
  p2: usize,
  w: usize,
  stepW: usize,
  bias: usize,
  y: usize,
  end: usize,
): void {
  const w0 = v128.load(w);
  const w1 = v128.load(w + stepW);
  const w2 = v128.load(w + 2 * stepW);
  const w3 = v128.load(w + 3 * stepW);
  const w4 = v128.load(w + 4 * stepW);
  const w5 = v128.load(w + 5 * stepW);
  const w6 = v128.load(w + 6 * stepW);
  const w7 = v128.load(w + 7 * stepW);
  const w8 = v128.load(w + 8 * stepW);
  let a = v128.load(y);
  while (y < end) {
    let out = madd(v128.load(p0), w1, a);
    out = madd(v128.load(p1), w4, out);
    out = madd(v128.load(p2), w7, out);
    let x = v128.load(p0, 16);
    out = madd(x, w2, out);
    a = madd(x, w0, v128.load(bias));
    x = v128.load(p1, 16);
    out = madd(x, w5, out);
    a = madd(x, w3, a);
    x = v128.load(p2, 16);
    out = madd(x, w8, out);
    a = madd(x, w6, a);
    v128.store(y, out);
    p0 += 32;
    p1 += 32;
    p2 += 32;
    y += 16;
  }
  v128.store(y, a);
}
