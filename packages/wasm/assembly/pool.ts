// Pools and their gradients: four channels at a time, windows clipped to the image.
// A unit is an image.
import { storeUpTo } from "./lanes";
import { constant } from "./math";
import { inputImageBytes, outputImageBytes, Window } from "./window";

/** A window clipped to the image. */
let rowFrom = 0;
let rowEnd = 0;
let columnFrom = 0;
let columnEnd = 0;

// @ts-ignore: decorator
@inline
function clip(w: Window, row: i32, column: i32): void {
  const top = row * w.strideHeight - w.padTop;
  const left = column * w.strideWidth - w.padLeft;
  rowFrom = max(top, 0);
  rowEnd = min(top + w.filterHeight, w.inputHeight);
  columnFrom = max(left, 0);
  columnEnd = min(left + w.filterWidth, w.inputWidth);
}

// @ts-ignore: decorator
@inline
function cellsInside(): i32 {
  return (rowEnd - rowFrom) * (columnEnd - columnFrom);
}

/** Four channels of the maximum or the sum over the clipped window. */
// @ts-ignore: decorator
@inline
function windowTotal(isMax: bool, x: usize, w: Window): v128 {
  const pixel = (<usize>w.inputChannels) << 2;
  let total = constant(isMax ? -Infinity : 0);
  for (let i = rowFrom; i < rowEnd; i++) {
    let p = x + <usize>(i * w.inputWidth + columnFrom) * pixel;
    for (let j = columnFrom; j < columnEnd; j++) {
      const v = v128.load(p);
      total = isMax ? f32x4.max(total, v) : f32x4.add(total, v);
      p += pixel;
    }
  }
  return total;
}

// @ts-ignore: decorator
@unmanaged
class Pool {
  x: usize;
  y: usize;
  window: Window;
}

// @ts-ignore: decorator
@inline
function pool(isMax: bool, record: usize, begin: i32, end: i32): void {
  const r = changetype<Pool>(record);
  const w = r.window;
  const channels = w.inputChannels;
  let x = r.x + <usize>begin * inputImageBytes(w);
  let y = r.y + <usize>begin * outputImageBytes(w);
  for (let b = begin; b < end; b++) {
    for (let row = 0; row < w.outputHeight; row++) {
      for (let column = 0; column < w.outputWidth; column++) {
        clip(w, row, column);
        const scale = constant(1 / <f32>cellsInside());
        for (let c = 0; c < channels; c += 4) {
          let v = windowTotal(isMax, x + ((<usize>c) << 2), w);
          if (!isMax) v = f32x4.mul(v, scale);
          storeUpTo(y + ((<usize>c) << 2), v, channels - c);
        }
        y += (<usize>channels) << 2;
      }
    }
    x += inputImageBytes(w);
  }
}

export function maxPool(record: usize, begin: i32, end: i32): void {
  pool(true, record, begin, end);
}

export function avgPool(record: usize, begin: i32, end: i32): void {
  pool(false, record, begin, end);
}

/** Gives four channels of dy to the window's first maximum y, or its first NaN. */
// @ts-ignore: decorator
@inline
function giveToFirst(dy: v128, x: usize, y: v128, dx: usize, w: Window, count: i32): void {
  const pixel = (<usize>w.inputChannels) << 2;
  let open = i32x4.splat(-1);
  for (let i = rowFrom; i < rowEnd; i++) {
    let at = <usize>(i * w.inputWidth + columnFrom) * pixel;
    for (let j = columnFrom; j < columnEnd; j++) {
      const v = v128.load(x + at);
      const isMaximum = v128.or(f32x4.eq(v, y), f32x4.ne(v, v));
      const given = v128.and(dy, v128.and(isMaximum, open));
      storeUpTo(dx + at, f32x4.add(v128.load(dx + at), given), count);
      open = v128.andnot(open, isMaximum);
      at += pixel;
    }
  }
}

// @ts-ignore: decorator
@unmanaged
class MaxPoolGrad {
  dy: usize;
  x: usize;
  y: usize;
  dx: usize;
  /** Of the forward pool. */
  window: Window;
}

export function maxPoolGrad(record: usize, begin: i32, end: i32): void {
  const r = changetype<MaxPoolGrad>(record);
  const w = r.window;
  const channels = w.inputChannels;
  const imageBytes = inputImageBytes(w);
  let x = r.x + <usize>begin * imageBytes;
  let dx = r.dx + <usize>begin * imageBytes;
  let dy = r.dy + <usize>begin * outputImageBytes(w);
  let y = r.y + <usize>begin * outputImageBytes(w);
  for (let b = begin; b < end; b++) {
    memory.fill(dx, 0, imageBytes);
    for (let row = 0; row < w.outputHeight; row++) {
      for (let column = 0; column < w.outputWidth; column++) {
        clip(w, row, column);
        for (let c = 0; c < channels; c += 4) {
          const at = (<usize>c) << 2;
          giveToFirst(v128.load(dy + at), x + at, v128.load(y + at), dx + at, w, channels - c);
        }
        dy += (<usize>channels) << 2;
        y += (<usize>channels) << 2;
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}

// @ts-ignore: decorator
@unmanaged
class AvgPoolGrad {
  dy: usize;
  dx: usize;
  /** Of the forward pool. */
  window: Window;
}

export function avgPoolGrad(record: usize, begin: i32, end: i32): void {
  const r = changetype<AvgPoolGrad>(record);
  const w = r.window;
  const channels = w.inputChannels;
  const imageBytes = inputImageBytes(w);
  let dx = r.dx + <usize>begin * imageBytes;
  let dy = r.dy + <usize>begin * outputImageBytes(w);
  for (let b = begin; b < end; b++) {
    memory.fill(dx, 0, imageBytes);
    for (let row = 0; row < w.outputHeight; row++) {
      for (let column = 0; column < w.outputWidth; column++) {
        clip(w, row, column);
        const scale = constant(1 / <f32>cellsInside());
        for (let c = 0; c < channels; c += 4) {
          const at = (<usize>c) << 2;
          addToAll(f32x4.mul(v128.load(dy + at), scale), dx + at, w, channels - c);
        }
        dy += (<usize>channels) << 2;
      }
    }
    dx += imageBytes;
  }
}

// @ts-ignore: decorator
@inline
function addToAll(value: v128, dx: usize, w: Window, count: i32): void {
  const pixel = (<usize>w.inputChannels) << 2;
  for (let i = rowFrom; i < rowEnd; i++) {
    let p = dx + <usize>(i * w.inputWidth + columnFrom) * pixel;
    for (let j = columnFrom; j < columnEnd; j++) {
      storeUpTo(p, f32x4.add(v128.load(p), value), count);
      p += pixel;
    }
  }
}
