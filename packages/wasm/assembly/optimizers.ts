// Optimizers over flat parameters, and what they need. A step outside of the schedule has a
// learning rate of NaN, so that it cannot go unnoticed.
import { storeUpTo } from "./lanes";
import { constant } from "./math";

/** Moments below this become 0: arithmetic on denormals takes twice the time of the whole step. */
const SMALLEST_MOMENT: f32 = 1e-30;

/** What `beginUpdate` found for the optimizer called next: the schedule's row of this step … */
let rate: f32 = 0;
let correction1: f32 = 0;
let correction2: f32 = 0;
/** … and what gradients are multiplied by. */
let gradientScale: f32 = 1;

/**
 * Called before each optimizer.
 * @param capacity rows of the schedule @param norm float32 [1], or 0 when nothing is clipped
 */
export function beginUpdate(
  schedule: usize,
  capacity: i32,
  epochStart: usize,
  norm: usize,
  clipNorm: f32,
  step: i32,
): void {
  const row = step - load<i32>(epochStart);
  const known = <u32>row < <u32>capacity;
  const at = schedule + <usize>row * 12;
  rate = known ? load<f32>(at) : NaN;
  correction1 = known ? load<f32>(at, 4) : 1;
  correction2 = known ? load<f32>(at, 8) : 1;
  gradientScale = norm == 0 || clipNorm <= 0 ? 1 : scaleToClip(load<f32>(norm), clipNorm);
}

function scaleToClip(norm: f32, clipNorm: f32): f32 {
  if (norm > clipNorm) return clipNorm / norm;
  return norm != norm ? norm : 1;
}

export function applySgd(parameters: usize, gradients: usize, n: i32): void {
  const by = constant(rate * gradientScale);
  for (let left = n; left > 0; left -= 4) {
    const change = f32x4.mul(v128.load(gradients), by);
    storeUpTo(parameters, f32x4.sub(v128.load(parameters), change), left);
    parameters += 16;
    gradients += 16;
  }
}

export function applyMomentum(
  parameters: usize,
  gradients: usize,
  velocity: usize,
  n: i32,
  momentum: f32,
  useNesterov: i32,
): void {
  const scale = constant(gradientScale);
  const by = constant(rate);
  const keep = constant(momentum);
  for (let left = n; left > 0; left -= 4) {
    const g = f32x4.mul(v128.load(gradients), scale);
    const u = f32x4.add(f32x4.mul(v128.load(velocity), keep), g);
    storeUpTo(velocity, u, left);
    const direction = useNesterov ? f32x4.add(g, f32x4.mul(u, keep)) : u;
    storeUpTo(parameters, f32x4.sub(v128.load(parameters), f32x4.mul(direction, by)), left);
    parameters += 16;
    gradients += 16;
    velocity += 16;
  }
}

// @ts-ignore: decorator
@inline
function flushTiny(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), constant(SMALLEST_MOMENT)));
}

export function applyAdam(
  parameters: usize,
  gradients: usize,
  m: usize,
  v: usize,
  n: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
): void {
  const scale = constant(gradientScale);
  const by = constant(rate);
  const c1 = constant(correction1);
  const c2 = constant(correction2);
  for (let left = n; left > 0; left -= 4) {
    const g = f32x4.mul(v128.load(gradients), scale);
    const keptM = f32x4.mul(v128.load(m), constant(beta1));
    const newM = flushTiny(f32x4.add(keptM, f32x4.mul(g, constant(rest1))));
    const keptV = f32x4.mul(v128.load(v), constant(beta2));
    const newV = flushTiny(f32x4.add(keptV, f32x4.mul(f32x4.mul(g, g), constant(rest2))));
    storeUpTo(m, newM, left);
    storeUpTo(v, newV, left);
    const below = f32x4.add(f32x4.sqrt(f32x4.mul(newV, c2)), constant(epsilon));
    const change = f32x4.div(f32x4.mul(by, f32x4.mul(newM, c1)), below);
    storeUpTo(parameters, f32x4.sub(v128.load(parameters), change), left);
    parameters += 16;
    gradients += 16;
    m += 16;
    v += 16;
  }
}

/** y[0] = √Σ x², summed in float64. */
export function globalNorm(x: usize, y: usize, n: i32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  while (n >= 4) {
    const v = v128.load(x);
    const first = f64x2.promote_low_f32x4(v);
    const second = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
    x += 16;
    n -= 4;
  }
  const both = f64x2.add(low, high);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  while (n > 0) {
    const value = <f64>load<f32>(x);
    total += value * value;
    x += 4;
    n--;
  }
  store<f32>(y, <f32>sqrt<f64>(total));
}

/** average = decay · average + rest · value. */
export function assignMovingAverage(
  average: usize,
  value: usize,
  n: i32,
  decay: f32,
  rest: f32,
): void {
  for (let left = n; left > 0; left -= 4) {
    const kept = f32x4.mul(v128.load(average), constant(decay));
    storeUpTo(average, f32x4.add(kept, f32x4.mul(v128.load(value), constant(rest))), left);
    average += 16;
    value += 16;
  }
}
