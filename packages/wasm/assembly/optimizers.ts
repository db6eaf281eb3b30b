// Optimizers over flat parameters, in blocks, and what they need. A step outside of the schedule
// has a learning rate of NaN, so that it cannot go unnoticed.
import { blockElements, blockOffset } from "./blocks";
import { storeLanes, storeUpTo } from "./lanes";
import { constant } from "./math";
import { currentStep } from "./run";

/** Moments below this become 0: arithmetic on denormals takes twice the time of the whole step. */
const SMALLEST_MOMENT: f32 = 1e-30;

/** What every optimizer's record begins with. */
// @ts-ignore: decorator
@unmanaged
class Update {
  /** Rows of learning rate and two corrections. */
  schedule: usize;
  /** How many rows the schedule has. */
  capacity: i32;
  epochStart: usize;
  /** float32 [1], or 0 when nothing is clipped. */
  norm: usize;
  clipNorm: f32;
  parameters: usize;
  gradients: usize;
  count: i32;
}

/** Address of this step's row of the schedule, 0 where there is none. */
// @ts-ignore: decorator
@inline
function scheduleRow(r: Update): usize {
  const row = currentStep - load<i32>(r.epochStart);
  return <u32>row < <u32>r.capacity ? r.schedule + <usize>row * 12 : 0;
}

// @ts-ignore: decorator
@inline
function rateOf(row: usize): f32 {
  return row == 0 ? NaN : load<f32>(row);
}

// @ts-ignore: decorator
@inline
function correction(row: usize, at: usize): f32 {
  return row == 0 ? 1 : load<f32>(row + at);
}

/** What gradients are multiplied by. */
function gradientScale(r: Update): f32 {
  if (r.norm == 0 || r.clipNorm <= 0) return 1;
  const norm = load<f32>(r.norm);
  if (norm > r.clipNorm) return r.clipNorm / norm;
  return norm != norm ? norm : 1;
}

export function applySgd(record: usize, begin: i32, end: i32): void {
  const r = changetype<Update>(record);
  const by = constant(rateOf(scheduleRow(r)) * gradientScale(r));
  let parameters = r.parameters + blockOffset(begin);
  let gradients = r.gradients + blockOffset(begin);
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 4) {
    const change = f32x4.mul(v128.load(gradients), by);
    storeUpTo(parameters, f32x4.sub(v128.load(parameters), change), left);
    parameters += 16;
    gradients += 16;
  }
}

// @ts-ignore: decorator
@unmanaged
class Momentum extends Update {
  velocity: usize;
  momentum: f32;
  useNesterov: i32;
}

export function applyMomentum(record: usize, begin: i32, end: i32): void {
  const r = changetype<Momentum>(record);
  const scale = constant(gradientScale(r));
  const by = constant(rateOf(scheduleRow(r)));
  const keep = constant(r.momentum);
  const useNesterov = r.useNesterov;
  let parameters = r.parameters + blockOffset(begin);
  let gradients = r.gradients + blockOffset(begin);
  let velocity = r.velocity + blockOffset(begin);
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 4) {
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

// @ts-ignore: decorator
@unmanaged
class Adam extends Update {
  m: usize;
  v: usize;
  beta1: f32;
  rest1: f32;
  beta2: f32;
  rest2: f32;
  epsilon: f32;
}

export function applyAdam(record: usize, begin: i32, end: i32): void {
  const r = changetype<Adam>(record);
  const row = scheduleRow(r);
  const scale = constant(gradientScale(r));
  const by = constant(rateOf(row));
  const c1 = constant(correction(row, 4));
  const c2 = constant(correction(row, 8));
  const beta1 = constant(r.beta1);
  const rest1 = constant(r.rest1);
  const beta2 = constant(r.beta2);
  const rest2 = constant(r.rest2);
  const epsilon = constant(r.epsilon);
  let parameters = r.parameters + blockOffset(begin);
  let gradients = r.gradients + blockOffset(begin);
  let m = r.m + blockOffset(begin);
  let v = r.v + blockOffset(begin);
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 4) {
    const g = f32x4.mul(v128.load(gradients), scale);
    const newM = flushTiny(f32x4.add(f32x4.mul(v128.load(m), beta1), f32x4.mul(g, rest1)));
    const squared = f32x4.mul(f32x4.mul(g, g), rest2);
    const newV = flushTiny(f32x4.add(f32x4.mul(v128.load(v), beta2), squared));
    const below = f32x4.add(f32x4.sqrt(f32x4.mul(newV, c2)), epsilon);
    const change = f32x4.div(f32x4.mul(by, f32x4.mul(newM, c1)), below);
    const changed = f32x4.sub(v128.load(parameters), change);
    if (left >= 4) {
      v128.store(m, newM);
      v128.store(v, newV);
      v128.store(parameters, changed);
    } else {
      storeLanes(m, newM, left);
      storeLanes(v, newV, left);
      storeLanes(parameters, changed, left);
    }
    parameters += 16;
    gradients += 16;
    m += 16;
    v += 16;
  }
}

/** Elements whose squares make one partial sum: NORM_CHUNK of src/kernels/learning.ts. */
const NORM_CHUNK = 8192;

// @ts-ignore: decorator
@unmanaged
class SumOfSquares {
  x: usize;
  /** float64 [chunks] */
  partials: usize;
  count: i32;
}

/** partials[i] = Σ x² over chunk i, which is a unit, summed in float64. */
export function sumOfSquares(record: usize, begin: i32, end: i32): void {
  const r = changetype<SumOfSquares>(record);
  for (let chunk = begin; chunk < end; chunk++) {
    const first = chunk * NORM_CHUNK;
    const x = r.x + ((<usize>first) << 2);
    store<f64>(r.partials + ((<usize>chunk) << 3), squaresOf(x, min(r.count - first, NORM_CHUNK)));
  }
}

function squaresOf(x: usize, n: i32): f64 {
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
  return total;
}

// @ts-ignore: decorator
@unmanaged
class GlobalNorm {
  partials: usize;
  y: usize;
  chunks: i32;
}

/** y[0] = √Σ partials; one unit. */
export function globalNorm(record: usize, _begin: i32, _end: i32): void {
  const r = changetype<GlobalNorm>(record);
  let total: f64 = 0;
  for (let i = 0; i < r.chunks; i++) total += load<f64>(r.partials + ((<usize>i) << 3));
  store<f32>(r.y, <f32>sqrt<f64>(total));
}

// @ts-ignore: decorator
@unmanaged
class MovingAverage {
  average: usize;
  value: usize;
  count: i32;
  decay: f32;
  rest: f32;
}

/** average = decay · average + rest · value, in blocks. */
export function assignMovingAverage(record: usize, begin: i32, end: i32): void {
  const r = changetype<MovingAverage>(record);
  let average = r.average + blockOffset(begin);
  let value = r.value + blockOffset(begin);
  const decay = constant(r.decay);
  const rest = constant(r.rest);
  for (let left = blockElements(begin, end, r.count); left > 0; left -= 4) {
    const kept = f32x4.mul(v128.load(average), decay);
    storeUpTo(average, f32x4.add(kept, f32x4.mul(v128.load(value), rest)), left);
    average += 16;
    value += 16;
  }
}
