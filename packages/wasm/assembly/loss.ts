// Softmax and what is built on it: rows of `columns` logits, which are the units but for counts.
import { loadUpTo, storeLanes, storeUpTo, sumLanes } from "./lanes";
import { constant, exp4, log4 } from "./math";
import { firstMaximum } from "./reduce";

/** A NaN in the row may be passed over: it comes back in the sum of the exponentials. */
function rowMaximum(x: usize, columns: i32): f32 {
  let v = constant(-Infinity);
  for (; columns >= 4; columns -= 4) {
    v = f32x4.pmax(v, v128.load(x));
    x += 16;
  }
  if (columns > 0) v = f32x4.pmax(v, loadUpTo(x, columns, -Infinity));
  v = f32x4.pmax(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2)), 0);
}

/** Σ exp(x − shift); the exponentials stay in y unless it is 0. */
function exponentials(x: usize, y: usize, columns: i32, shift: f32): f32 {
  let sum = constant(0);
  const by = constant(shift);
  for (; columns >= 4; columns -= 4) {
    const e = exp4(f32x4.sub(v128.load(x), by));
    sum = f32x4.add(sum, e);
    if (y != 0) {
      v128.store(y, e);
      y += 16;
    }
    x += 16;
  }
  if (columns > 0) {
    const e = exp4(f32x4.sub(loadUpTo(x, columns, -Infinity), by));
    sum = f32x4.add(sum, e);
    if (y != 0) storeLanes(y, e, columns);
  }
  return sumLanes(sum);
}

// @ts-ignore: decorator
@inline
function logOf(value: f32): f32 {
  return f32x4.extract_lane(log4(constant(value)), 0);
}

// @ts-ignore: decorator
@unmanaged
class Rows {
  x: usize;
  y: usize;
  columns: i32;
}

export function softmax(record: usize, begin: i32, end: i32): void {
  const r = changetype<Rows>(record);
  const columns = r.columns;
  const rowBytes = (<usize>columns) << 2;
  let x = r.x + <usize>begin * rowBytes;
  let y = r.y + <usize>begin * rowBytes;
  for (let i = begin; i < end; i++) {
    const scale = constant(1 / exponentials(x, y, columns, rowMaximum(x, columns)));
    for (let j = 0; j < columns; j += 4) {
      const p = y + ((<usize>j) << 2);
      storeUpTo(p, f32x4.mul(v128.load(p), scale), columns - j);
    }
    x += rowBytes;
    y += rowBytes;
  }
}

export function logSoftmax(record: usize, begin: i32, end: i32): void {
  const r = changetype<Rows>(record);
  const columns = r.columns;
  const rowBytes = (<usize>columns) << 2;
  let x = r.x + <usize>begin * rowBytes;
  let y = r.y + <usize>begin * rowBytes;
  for (let i = begin; i < end; i++) {
    const largest = rowMaximum(x, columns);
    const by = constant(largest);
    const log = constant(logOf(exponentials(x, 0, columns, largest)));
    for (let j = 0; j < columns; j += 4) {
      const at = (<usize>j) << 2;
      storeUpTo(y + at, f32x4.sub(f32x4.sub(v128.load(x + at), by), log), columns - j);
    }
    x += rowBytes;
    y += rowBytes;
  }
}

function rowSum(x: usize, columns: i32): f32 {
  let sum = constant(0);
  while (columns > 0) {
    sum = f32x4.add(sum, loadUpTo(x, columns, 0));
    x += 16;
    columns -= 4;
  }
  return sumLanes(sum);
}

/** Σ labels · (shift − logits). */
function rowCost(logits: usize, labels: usize, columns: i32, shift: f32): f32 {
  let sum = constant(0);
  const from = constant(shift);
  while (columns > 0) {
    const gap = f32x4.sub(from, loadUpTo(logits, columns, shift));
    sum = f32x4.add(sum, f32x4.mul(gap, loadUpTo(labels, columns, 0)));
    logits += 16;
    labels += 16;
    columns -= 4;
  }
  return sumLanes(sum);
}

// @ts-ignore: decorator
@unmanaged
class CrossEntropy {
  logits: usize;
  /** int32 [rows] when sparse, float32 [rows, columns] when one-hot. */
  labels: usize;
  losses: usize;
  columns: i32;
}

export function crossEntropySparse(record: usize, begin: i32, end: i32): void {
  const r = changetype<CrossEntropy>(record);
  const columns = r.columns;
  let logits = r.logits + (<usize>begin * <usize>columns << 2);
  for (let i = <usize>begin; i < <usize>end; i++) {
    const label = load<i32>(r.labels + (i << 2));
    let loss: f32 = NaN;
    if (<u32>label < <u32>columns) {
      const largest = rowMaximum(logits, columns);
      const gap = largest - load<f32>(logits + ((<usize>label) << 2));
      loss = gap + logOf(exponentials(logits, 0, columns, largest));
    }
    store<f32>(r.losses + (i << 2), loss);
    logits += (<usize>columns) << 2;
  }
}

export function crossEntropyOneHot(record: usize, begin: i32, end: i32): void {
  const r = changetype<CrossEntropy>(record);
  const columns = r.columns;
  const rowBytes = (<usize>columns) << 2;
  for (let i = <usize>begin; i < <usize>end; i++) {
    const logits = r.logits + i * rowBytes;
    const labels = r.labels + i * rowBytes;
    const largest = rowMaximum(logits, columns);
    const log = logOf(exponentials(logits, 0, columns, largest));
    const loss = rowCost(logits, labels, columns, largest) + log * rowSum(labels, columns);
    store<f32>(r.losses + (i << 2), loss);
  }
}

// @ts-ignore: decorator
@unmanaged
class CrossEntropyGrad {
  logits: usize;
  /** As in CrossEntropy. */
  labels: usize;
  dLosses: usize;
  y: usize;
  columns: i32;
}

export function crossEntropyGradSparse(record: usize, begin: i32, end: i32): void {
  const r = changetype<CrossEntropyGrad>(record);
  const columns = r.columns;
  const rowBytes = (<usize>columns) << 2;
  const lanes = i32x4(0, 1, 2, 3);
  for (let i = <usize>begin; i < <usize>end; i++) {
    const logits = r.logits + i * rowBytes;
    const y = r.y + i * rowBytes;
    const label = load<i32>(r.labels + (i << 2));
    const dLoss = <u32>label < <u32>columns ? load<f32>(r.dLosses + (i << 2)) : NaN;
    const sum = exponentials(logits, y, columns, rowMaximum(logits, columns));
    const whole = constant(sum);
    const scale = constant(1 / sum);
    const by = constant(dLoss);
    for (let j = 0; j < columns; j += 4) {
      const p = y + ((<usize>j) << 2);
      // The label's share is less by one, which here is the sum.
      const expected = v128.and(i32x4.eq(lanes, i32x4.splat(label - j)), whole);
      const gap = f32x4.sub(v128.load(p), expected);
      storeUpTo(p, f32x4.mul(f32x4.mul(gap, scale), by), columns - j);
    }
  }
}

export function crossEntropyGradOneHot(record: usize, begin: i32, end: i32): void {
  const r = changetype<CrossEntropyGrad>(record);
  const columns = r.columns;
  const rowBytes = (<usize>columns) << 2;
  for (let i = <usize>begin; i < <usize>end; i++) {
    const logits = r.logits + i * rowBytes;
    const labels = r.labels + i * rowBytes;
    const y = r.y + i * rowBytes;
    const dLoss = constant(load<f32>(r.dLosses + (i << 2)));
    const sum = exponentials(logits, y, columns, rowMaximum(logits, columns));
    const scale = constant(rowSum(labels, columns) / sum);
    for (let j = 0; j < columns; j += 4) {
      const at = (<usize>j) << 2;
      const expected = f32x4.mul(v128.load(y + at), scale);
      const gap = f32x4.sub(expected, v128.load(labels + at));
      storeUpTo(y + at, f32x4.mul(gap, dLoss), columns - j);
    }
  }
}

// @ts-ignore: decorator
@unmanaged
class Count {
  x: usize;
  /** As in CrossEntropy. */
  labels: usize;
  /** float32 [1] */
  y: usize;
  rows: i32;
  columns: i32;
}

/** One unit. */
export function countSparse(record: usize, _begin: i32, _end: i32): void {
  const r = changetype<Count>(record);
  let x = r.x;
  let labels = r.labels;
  let count = 0;
  for (let i = 0; i < r.rows; i++) {
    if (firstMaximum(x, r.columns) == load<i32>(labels)) count++;
    x += (<usize>r.columns) << 2;
    labels += 4;
  }
  store<f32>(r.y, <f32>count);
}

/** One unit. */
export function countOneHot(record: usize, _begin: i32, _end: i32): void {
  const r = changetype<Count>(record);
  let x = r.x;
  let labels = r.labels;
  let count = 0;
  for (let i = 0; i < r.rows; i++) {
    if (firstMaximum(x, r.columns) == firstMaximum(labels, r.columns)) count++;
    x += (<usize>r.columns) << 2;
    labels += (<usize>r.columns) << 2;
  }
  store<f32>(r.y, <f32>count);
}
