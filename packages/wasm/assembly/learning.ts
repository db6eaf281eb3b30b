// What training keeps beside the optimizer's own Map: schedules, norms, moving averages.
import { blockElements, blockOffset } from "./blocks";
import { storeUpTo } from "./lanes";
import { constant } from "./math";
import { currentStep } from "./thread";

// @ts-ignore: decorator
@unmanaged
class ReadSchedule {
  schedule: usize;
  /** How many rows the schedule has. */
  capacity: i32;
  columns: i32;
  epochStart: usize;
  y: usize;
}

/** y = this step's row, NaN where there is none; one unit. */
export function readSchedule(record: usize, _begin: i32, _end: i32): void {
  const r = changetype<ReadSchedule>(record);
  const row = currentStep - load<i32>(r.epochStart);
  const isThere = <u32>row < <u32>r.capacity;
  const source = r.schedule + ((<usize>(row * r.columns)) << 2);
  for (let i = 0; i < r.columns; i++) {
    const at = (<usize>i) << 2;
    store<f32>(r.y + at, isThere ? load<f32>(source + at) : NaN);
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
