// Depthwise convolutions of any window, stride, dilation and padding, and their gradients, by the tables that
// convolution.ts has too: `positions` (byte offset of each output position's window in the image) and `taps`
// (of each pixel in a window). Forward sums over taps at four positions, the filter's gradient over positions
// at four taps: the same loop with the tables exchanged.
import { storeUpTo } from "./lanes";
import { constant, madd } from "./math";
import { workspace } from "./thread";
import {
  bordered,
  cropBorder,
  inputImageBytes,
  outputImageBytes,
  readImageBytes,
  Window,
} from "./window";

// @ts-ignore: decorator
@unmanaged
class DepthwiseTaps {
  x: usize;
  filter: usize;
  bias: usize;
  y: usize;
  window: Window;
  positions: usize;
  taps: usize;
  floor: f32;
  ceiling: f32;
  /** In the workspace: one bordered image, and four vectors. */
  copy: usize;
  sums: usize;
}

/** y = min(max(x ∗ filter + bias, floor), ceiling). A unit is an image. */
export function depthwiseByTaps(record: usize, begin: i32, end: i32): void {
  const r = changetype<DepthwiseTaps>(record);
  const w = r.window;
  const pixel = (<usize>w.outputChannels) << 2;
  const positions = w.outputHeight * w.outputWidth;
  const tapsEnd = r.taps + ((<usize>(w.filterHeight * w.filterWidth)) << 2);
  const sums = workspace + r.sums;
  const least = constant(r.floor);
  const most = constant(r.ceiling);
  for (let i = begin; i < end; i++) {
    const image = bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy);
    let y = r.y + <usize>i * outputImageBytes(w);
    for (let position = 0; position < positions; position += 4) {
      const count = min(4, positions - position);
      for (let c = 0; c < w.outputChannels; c += 4) {
        const at = (<usize>c) << 2;
        sumFour(r.positions, position, count, image + at, r.taps, tapsEnd, r.filter + at, pixel, sums);
        const bias = r.bias == 0 ? constant(0) : v128.load(r.bias + at);
        for (let j = 0; j < count; j++) {
          const sum = f32x4.add(v128.load(sums + ((<usize>j) << 4)), bias);
          const value = f32x4.pmin(f32x4.pmax(sum, least), most);
          storeUpTo(y + <usize>j * pixel + at, value, w.outputChannels - c);
        }
      }
      y += 4 * pixel;
    }
  }
}

/** out_i = Σ_k image[rows_i + offsets_k] · b_k, at the `count` rows from `first` on. */
// @ts-ignore: decorator
@inline
function sumFour(
  rows: usize,
  first: i32,
  count: i32,
  image: usize,
  offsets: usize,
  end: usize,
  b: usize,
  stepB: usize,
  out: usize,
): void {
  const row = rows + ((<usize>first) << 2);
  const last = (<usize>(count - 1)) << 2;
  sumTerms(
    image + load<u32>(row),
    image + load<u32>(row + min(last, 4)),
    image + load<u32>(row + min(last, 8)),
    image + load<u32>(row + last),
    offsets,
    end,
    b,
    stepB,
    out,
  );
}

/** Bare, as tile.ts says. */
export function sumTerms(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  offsets: usize,
  end: usize,
  b: usize,
  stepB: usize,
  out: usize,
): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  while (offsets < end) {
    const offset = load<u32>(offsets);
    const factor = v128.load(b);
    sum0 = madd(v128.load(row0 + offset), factor, sum0);
    sum1 = madd(v128.load(row1 + offset), factor, sum1);
    sum2 = madd(v128.load(row2 + offset), factor, sum2);
    sum3 = madd(v128.load(row3 + offset), factor, sum3);
    offsets += 4;
    b += stepB;
  }
  v128.store(out, sum0);
  v128.store(out, sum1, 16);
  v128.store(out, sum2, 32);
  v128.store(out, sum3, 48);
}

// @ts-ignore: decorator
@unmanaged
class FilterByTaps {
  x: usize;
  dy: usize;
  partials: usize;
  window: Window;
  positions: usize;
  taps: usize;
  copy: usize;
  sums: usize;
  chunks: i32;
}

/** partials [chunks, taps, C]: each the sum over its share of the images. A unit is a chunk. */
export function depthwiseFilterByTaps(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterByTaps>(record);
  const w = r.window;
  const pixel = (<usize>w.outputChannels) << 2;
  const taps = w.filterHeight * w.filterWidth;
  const positionsEnd = r.positions + ((<usize>(w.outputHeight * w.outputWidth)) << 2);
  const sums = workspace + r.sums;
  for (let chunk = begin; chunk < end; chunk++) {
    const partial = r.partials + <usize>(chunk * taps) * pixel;
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    memory.fill(partial, 0, <usize>taps * pixel);
    for (let i = firstImage; i < endImage; i++) {
      const image = bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy);
      const dy = r.dy + <usize>i * outputImageBytes(w);
      for (let tap = 0; tap < taps; tap += 4) {
        const count = min(4, taps - tap);
        for (let c = 0; c < w.outputChannels; c += 4) {
          const at = (<usize>c) << 2;
          sumFour(r.taps, tap, count, image + at, r.positions, positionsEnd, dy + at, pixel, sums);
          for (let j = 0; j < count; j++) {
            const to = partial + <usize>(tap + j) * pixel + at;
            const sum = f32x4.add(v128.load(to), v128.load(sums + ((<usize>j) << 4)));
            storeUpTo(to, sum, w.outputChannels - c);
          }
        }
      }
    }
  }
}

// @ts-ignore: decorator
@unmanaged
class InputByTaps {
  dy: usize;
  filter: usize;
  dx: usize;
  window: Window;
  positions: usize;
  taps: usize;
  copy: usize;
}

/** dx: each gradient times the filter, added where its window lay. A unit is an image. */
export function depthwiseInputByTaps(record: usize, begin: i32, end: i32): void {
  const r = changetype<InputByTaps>(record);
  const w = r.window;
  const pixel = (<usize>w.outputChannels) << 2;
  const positions = w.outputHeight * w.outputWidth;
  const taps = w.filterHeight * w.filterWidth;
  for (let i = begin; i < end; i++) {
    let dy = r.dy + <usize>i * outputImageBytes(w);
    const dx = r.dx + <usize>i * inputImageBytes(w);
    const target = w.paddedHeight == 0 ? dx : workspace + r.copy;
    memory.fill(target, 0, readImageBytes(w));
    for (let position = 0; position < positions; position++) {
      const from = target + load<u32>(r.positions + ((<usize>position) << 2));
      let filter = r.filter;
      for (let tap = 0; tap < taps; tap++) {
        addProduct(dy, filter, from + load<u32>(r.taps + ((<usize>tap) << 2)), w.outputChannels);
        filter += pixel;
      }
      dy += pixel;
    }
    if (w.paddedHeight != 0) cropBorder(target, dx, w);
  }
}

/** to += a · b */
// @ts-ignore: decorator
@inline
function addProduct(a: usize, b: usize, to: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    storeUpTo(to, madd(v128.load(a), v128.load(b), v128.load(to)), count);
    a += 16;
    b += 16;
    to += 16;
  }
}
