// Pools and their gradients: four channels at a time, windows clipped to the image.
import { storeUpTo } from "./lanes";
import { constant } from "./math";
import { inputImageBytes, Window } from "./window";

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
@inline
function pool(isMax: bool, x: usize, y: usize, w: Window): void {
  const channels = w.inputChannels;
  for (let b = 0; b < w.batch; b++) {
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

export function maxPool(x: usize, y: usize, window: usize): void {
  pool(true, x, y, changetype<Window>(window));
}

export function avgPool(x: usize, y: usize, window: usize): void {
  pool(false, x, y, changetype<Window>(window));
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

/** @param window of the forward pool */
export function maxPoolGrad(dy: usize, x: usize, y: usize, dx: usize, window: usize): void {
  const w = changetype<Window>(window);
  const channels = w.inputChannels;
  const imageBytes = inputImageBytes(w);
  for (let b = 0; b < w.batch; b++) {
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

/** @param window of the forward pool */
export function avgPoolGrad(dy: usize, dx: usize, window: usize): void {
  const w = changetype<Window>(window);
  const channels = w.inputChannels;
  for (let b = 0; b < w.batch; b++) {
    memory.fill(dx, 0, inputImageBytes(w));
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
    dx += inputImageBytes(w);
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
