// Activations of recurrent layers, by their place in ACTIVATIONS of src/kernels/recurrent.ts; a branch that always goes
// one way costs less than a kernel for each pair of them.
import { constant, madd, sigmoid4, step4, tanh4 } from "./math";

const LINEAR = 0;
const RELU = 1;
const TANH = 2;
const SIGMOID = 3;

// @ts-ignore: decorator
@inline
export function activate4(kind: i32, v: v128): v128 {
  if (kind == TANH) return tanh4(v);
  if (kind == SIGMOID) return sigmoid4(v);
  if (kind == RELU) return f32x4.pmax(v, constant(0));
  if (kind == LINEAR) return v;
  return f32x4.min(f32x4.max(madd(v, constant(0.2), constant(0.5)), constant(0)), constant(1));
}

/** dy · the derivative where the activation's value is y. */
// @ts-ignore: decorator
@inline
export function slope4(kind: i32, y: v128, dy: v128): v128 {
  if (kind == TANH) return f32x4.mul(dy, f32x4.sub(constant(1), f32x4.mul(y, y)));
  if (kind == LINEAR) return dy;
  if (kind == RELU) return f32x4.mul(dy, step4(y, constant(0)));
  const rising = f32x4.mul(y, f32x4.sub(constant(1), y));
  if (kind == SIGMOID) return f32x4.mul(dy, rising);
  return f32x4.mul(f32x4.mul(dy, constant(0.2)), step4(rising, constant(0)));
}
