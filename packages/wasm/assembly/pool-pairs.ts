// The pool of nearly every network: windows of 2 by 2 that touch and never overlap, no padding.
// Each cell belongs to one window at most, so the gradient is one pass that also multiplies by the
// derivative of the relu before the pool.
import { storeUpTo } from "./lanes";
import { constant, step4 } from "./math";
import { inputImageBytes, outputImageBytes, Window } from "./window";

/** A unit is an image, here and below. */
// @ts-ignore: decorator
@unmanaged
class Pairs {
  x: usize;
  y: usize;
  window: Window;
}

export function maxPoolPairs(record: usize, begin: i32, end: i32): void {
  const r = changetype<Pairs>(record);
  const w = r.window;
  let x = r.x + <usize>begin * inputImageBytes(w);
  let y = r.y + <usize>begin * outputImageBytes(w);
  const channels = w.inputChannels;
  const pixel = (<usize>channels) << 2;
  const line = <usize>w.inputWidth * pixel;
  for (let b = begin; b < end; b++) {
    for (let row = 0; row < w.outputHeight; row++) {
      let p = x + <usize>(2 * row) * line;
      for (let column = 0; column < w.outputWidth; column++) {
        for (let left = channels; left > 0; left -= 4) {
          const upper = f32x4.max(v128.load(p), v128.load(p + pixel));
          const lower = f32x4.max(v128.load(p + line), v128.load(p + line + pixel));
          storeUpTo(y, f32x4.max(upper, lower), left);
          p += (<usize>min(left, 4)) << 2;
          y += (<usize>min(left, 4)) << 2;
        }
        p += pixel;
      }
    }
    x += <usize>w.inputHeight * line;
  }
}

/** Of four cells' channels, those that are their window's first maximum, or first NaN. */
// @ts-ignore: decorator
@inline
function winners(v: v128, y: v128): v128 {
  return v128.or(f32x4.eq(v, y), f32x4.ne(v, v));
}

// @ts-ignore: decorator
@inline
function give(at: usize, dy: v128, v: v128, mask: v128, isStep: bool, alpha: v128, n: i32): void {
  const given = v128.and(dy, mask);
  storeUpTo(at, isStep ? f32x4.mul(given, step4(v, alpha)) : given, n);
}

// @ts-ignore: decorator
@unmanaged
class PairsGradient {
  dy: usize;
  x: usize;
  y: usize;
  dx: usize;
  window: Window;
  alpha: f32;
}

export function maxPoolGradPairs(record: usize, begin: i32, end: i32): void {
  gradient(changetype<PairsGradient>(record), begin, end, false);
}

/** dx = MaxPoolGrad(dy, x, y) · Step(x, alpha). */
export function maxPoolGradPairsByStep(record: usize, begin: i32, end: i32): void {
  gradient(changetype<PairsGradient>(record), begin, end, true);
}

// @ts-ignore: decorator
@inline
function gradient(r: PairsGradient, begin: i32, end: i32, isStep: bool): void {
  const w = r.window;
  let dy = r.dy + <usize>begin * outputImageBytes(w);
  let x = r.x + <usize>begin * inputImageBytes(w);
  let y = r.y + <usize>begin * outputImageBytes(w);
  let dx = r.dx + <usize>begin * inputImageBytes(w);
  const channels = w.inputChannels;
  const pixel = (<usize>channels) << 2;
  const line = <usize>w.inputWidth * pixel;
  const covered = <usize>(2 * w.outputWidth) * pixel;
  const below = <usize>(w.inputHeight - 2 * w.outputHeight) * line;
  const otherwise = constant(r.alpha);
  for (let b = begin; b < end; b++) {
    for (let row = 0; row < w.outputHeight; row++) {
      let at: usize = 0;
      for (let column = 0; column < w.outputWidth; column++) {
        for (let left = channels; left > 0; left -= 4) {
          const maximum = v128.load(y);
          const given = v128.load(dy);
          const v0 = v128.load(x + at);
          const v1 = v128.load(x + at + pixel);
          const v2 = v128.load(x + at + line);
          const v3 = v128.load(x + at + line + pixel);
          const first0 = winners(v0, maximum);
          const first1 = v128.andnot(winners(v1, maximum), first0);
          const open2 = v128.not(v128.or(first0, first1));
          const first2 = v128.and(winners(v2, maximum), open2);
          const first3 = v128.andnot(v128.and(winners(v3, maximum), open2), first2);
          give(dx + at, given, v0, first0, isStep, otherwise, left);
          give(dx + at + pixel, given, v1, first1, isStep, otherwise, left);
          give(dx + at + line, given, v2, first2, isStep, otherwise, left);
          give(dx + at + line + pixel, given, v3, first3, isStep, otherwise, left);
          const step = (<usize>min(left, 4)) << 2;
          at += step;
          y += step;
          dy += step;
        }
        at += pixel;
      }
      // The column that no window reaches.
      memory.fill(dx + covered, 0, line - covered);
      memory.fill(dx + line + covered, 0, line - covered);
      x += 2 * line;
      dx += 2 * line;
    }
    memory.fill(dx, 0, below);
    x += below;
    dx += below;
  }
}
