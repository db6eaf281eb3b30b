// The gradient of relu.
import { blockElements, blockOffset } from "./blocks";
import { storeUpTo } from "./lanes";
import { constant, step4 } from "./math";

// @ts-ignore: decorator
@unmanaged
class MultiplyByStep {
  x: usize;
  dy: usize;
  y: usize;
  count: i32;
  alpha: f32;
  scale: f32;
}

/** y = dy · scale · Step(x, alpha), the gradient of relu, with a dropout behind it or not. In blocks. */
export function multiplyByStep(record: usize, begin: i32, end: i32): void {
  const r = changetype<MultiplyByStep>(record);
  let x = r.x + blockOffset(begin);
  let dy = r.dy + blockOffset(begin);
  let y = r.y + blockOffset(begin);
  const alpha = constant(r.alpha);
  const scale = constant(r.scale);
  let left = blockElements(begin, end, r.count);
  for (; left >= 8; left -= 8) {
    const first = f32x4.mul(f32x4.mul(v128.load(dy), scale), step4(v128.load(x), alpha));
    const second = f32x4.mul(f32x4.mul(v128.load(dy, 16), scale), step4(v128.load(x, 16), alpha));
    v128.store(y, first);
    v128.store(y, second, 16);
    x += 32;
    dy += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    const value = f32x4.mul(f32x4.mul(v128.load(dy), scale), step4(v128.load(x), alpha));
    storeUpTo(y, value, left);
    x += 16;
    dy += 16;
    y += 16;
  }
}
