// Depthwise convolutions of windows of 3 by 3 at strides of 1 or 2: four channels at a time along a row of
// the output, nine weights in registers. A column of the image is read once and goes to every output whose
// window holds it: those under way are kept in registers from column to column. Rows outside of the image
// are read from a row of zeros; at the sides, columns outside of it are left out.
//
// The same walk with the filter turned by half a turn makes the gradient for the image at strides of 1.
import { storeUpTo } from "./lanes";
import { constant, madd } from "./math";
import { workspace } from "./run";
import { Window } from "./window";

/** y = min(max(x ∗ filter + bias, floor), ceiling). A unit is a row of the output. */
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
  /** In the workspace: a row of the image, for zeros; and outputs of four channels, for channels that are no four. */
  zeros: usize;
  outputs: usize;
  /** Two outputs under way. */
  underWay: usize;
}

export function depthwiseRows(record: usize, begin: i32, end: i32): void {
  const r = changetype<Depthwise>(record);
  const w = r.window;
  const pixel = (<usize>w.inputChannels) << 2;
  const lineBytes = <usize>w.inputWidth * pixel;
  const zeros = workspace + r.zeros;
  memory.fill(zeros, 0, lineBytes + 16);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / w.outputHeight;
    const row = unit - image * w.outputHeight;
    const top = row * w.strideHeight - w.padTop;
    const x = r.x + <usize>(image * w.inputHeight) * lineBytes;
    const p0 = lineOf(x, top, w.inputHeight, lineBytes, zeros);
    const p1 = lineOf(x, top + 1, w.inputHeight, lineBytes, zeros);
    const p2 = lineOf(x, top + 2, w.inputHeight, lineBytes, zeros);
    const y = r.y + <usize>(unit * w.outputWidth) * pixel;
    for (let c = 0; c < w.inputChannels; c += 4) {
      const at = (<usize>c) << 2;
      const narrow = w.inputChannels - c < 4;
      const to = narrow ? workspace + r.outputs : y + at;
      const stepTo: usize = narrow ? 16 : pixel;
      outputsOf(r, w, p0 + at, p1 + at, p2 + at, at, to, stepTo, zeros);
      if (narrow) spreadOutputs(to, y + at, w.outputWidth, pixel, w.inputChannels - c);
    }
    if (r.floor != -Infinity) clamp(r, y, w.outputWidth * w.inputChannels);
  }
}

// @ts-ignore: decorator
@inline
export function lineOf(x: usize, row: i32, height: i32, lineBytes: usize, zeros: usize): usize {
  return <u32>row < <u32>height ? x + <usize>row * lineBytes : zeros;
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
  stepY: usize,
  zeros: usize,
): void {
  const step = (<usize>w.inputChannels) << 2;
  const filter = r.filter + at + (r.turned ? step << 3 : 0);
  const stepFilter = r.turned ? 0 - step : step;
  const bias = r.bias == 0 ? zeros : r.bias + at;
  const first = v128.load(bias);
  const underWay = workspace + r.underWay;
  const left = -w.padLeft;
  const outputs = w.outputWidth;
  let a = column(p0, p1, p2, left, w, filter, stepFilter, first);
  let b = first;
  let done: i32;
  if (w.strideWidth == 1) {
    b = column(p0, p1, p2, left + 1, w, filter, stepFilter, first);
    a = column(p0, p1, p2, left + 1, w, filter + stepFilter, stepFilter, a);
    done = max(0, min(outputs, w.inputWidth - 2 - left));
    if (done > 0) {
      v128.store(underWay, a);
      v128.store(underWay, b, 16);
      const from = <usize>(left + 2) * step;
      const end = p0 + from + <usize>done * step;
      depthwiseEach(p0 + from, p1 + from, p2 + from, end, step, filter, stepFilter, bias, y, stepY, underWay);
      a = v128.load(underWay);
      b = v128.load(underWay, 16);
    }
  } else {
    done = max(0, min(outputs, (w.inputWidth - 1 - left) >> 1));
    if (done > 0) {
      v128.store(underWay, a);
      const from = <usize>(left + 1) * step;
      const end = y + <usize>done * stepY;
      depthwiseEveryOther(p0 + from, p1 + from, p2 + from, end, step, filter, stepFilter, bias, y, stepY, underWay);
      a = v128.load(underWay);
    }
    if (done < outputs) {
      a = column(p0, p1, p2, left + 2 * done + 1, w, filter + stepFilter, stepFilter, a);
    }
  }
  // What is left lies with its last columns beyond the image.
  for (; done < outputs; done++) {
    v128.store(y + <usize>done * stepY, a);
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
  w: Window,
  filter: usize,
  stepFilter: usize,
  value: v128,
): v128 {
  if (<u32>index >= <u32>w.inputWidth) return value;
  const at = ((<usize>(index * w.inputChannels)) << 2);
  const line = 3 * stepFilter;
  value = madd(v128.load(p0 + at), v128.load(filter), value);
  value = madd(v128.load(p1 + at), v128.load(filter + line), value);
  return madd(v128.load(p2 + at), v128.load(filter + 2 * line), value);
}

/** An output for each column, whose window it ends. Bare, as tile.ts says. */
export function depthwiseEach(
  p0: usize,
  p1: usize,
  p2: usize,
  end: usize,
  step: usize,
  w: usize,
  stepW: usize,
  bias: usize,
  y: usize,
  stepY: usize,
  state: usize,
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
  let a = v128.load(state);
  let b = v128.load(state, 16);
  while (p0 < end) {
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
    p0 += step;
    p1 += step;
    p2 += step;
    y += stepY;
  }
  v128.store(state, a);
  v128.store(state, b, 16);
}

/** An output for each pair of columns, its second and its third. Bare, as tile.ts says. */
export function depthwiseEveryOther(
  p0: usize,
  p1: usize,
  p2: usize,
  end: usize,
  step: usize,
  w: usize,
  stepW: usize,
  bias: usize,
  y: usize,
  stepY: usize,
  state: usize,
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
  let a = v128.load(state);
  while (y < end) {
    let out = madd(v128.load(p0), w1, a);
    out = madd(v128.load(p1), w4, out);
    out = madd(v128.load(p2), w7, out);
    let x = v128.load(p0 + step);
    out = madd(x, w2, out);
    a = madd(x, w0, v128.load(bias));
    x = v128.load(p1 + step);
    out = madd(x, w5, out);
    a = madd(x, w3, a);
    x = v128.load(p2 + step);
    out = madd(x, w8, out);
    a = madd(x, w6, a);
    v128.store(y, out);
    p0 += step << 1;
    p1 += step << 1;
    p2 += step << 1;
    y += stepY;
  }
  v128.store(state, a);
}

/** The first `lanes` channels of outputs that lie side by side. */
export function spreadOutputs(
  from: usize,
  to: usize,
  count: i32,
  step: usize,
  lanes: i32,
): void {
  for (let i = 0; i < count; i++) {
    storeUpTo(to, v128.load(from), lanes);
    from += 16;
    to += step;
  }
}

function clamp(r: Depthwise, y: usize, count: i32): void {
  const least = constant(r.floor);
  const most = constant(r.ceiling);
  for (; count > 0; count -= 4) {
    storeUpTo(y, f32x4.pmin(f32x4.pmax(v128.load(y), least), most), count);
    y += 16;
  }
}
