// Softmax and what is built on it: rows of `columns` logits.
import { loadUpTo, maxLanes, storeUpTo, sumLanes } from "./lanes";
import { constant, exp4, log4 } from "./math";
import { firstMaximum } from "./reduce";

function rowMaximum(x: usize, columns: i32): f32 {
  let v = constant(-Infinity);
  while (columns > 0) {
    v = f32x4.max(v, loadUpTo(x, columns, -Infinity));
    x += 16;
    columns -= 4;
  }
  return maxLanes(v);
}

/** Σ exp(x − shift); the exponentials stay in y unless it is 0. */
function exponentials(x: usize, y: usize, columns: i32, shift: f32): f32 {
  let sum = constant(0);
  const by = constant(shift);
  while (columns > 0) {
    const e = exp4(f32x4.sub(loadUpTo(x, columns, -Infinity), by));
    sum = f32x4.add(sum, e);
    if (y != 0) {
      storeUpTo(y, e, columns);
      y += 16;
    }
    x += 16;
    columns -= 4;
  }
  return sumLanes(sum);
}

// @ts-ignore: decorator
@inline
function logOf(value: f32): f32 {
  return f32x4.extract_lane(log4(constant(value)), 0);
}

export function softmax(x: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++) {
    const scale = constant(1 / exponentials(x, y, columns, rowMaximum(x, columns)));
    for (let j = 0; j < columns; j += 4) {
      const p = y + ((<usize>j) << 2);
      storeUpTo(p, f32x4.mul(v128.load(p), scale), columns - j);
    }
    x += rowBytes;
    y += rowBytes;
  }
}

export function logSoftmax(x: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++) {
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

/** @param labels int32 [rows] */
export function crossEntropySparse(
  logits: usize,
  labels: usize,
  losses: usize,
  rows: i32,
  columns: i32,
): void {
  for (let i = 0; i < rows; i++) {
    const label = load<i32>(labels + ((<usize>i) << 2));
    let loss: f32 = NaN;
    if (<u32>label < <u32>columns) {
      const largest = rowMaximum(logits, columns);
      const gap = largest - load<f32>(logits + ((<usize>label) << 2));
      loss = gap + logOf(exponentials(logits, 0, columns, largest));
    }
    store<f32>(losses + ((<usize>i) << 2), loss);
    logits += (<usize>columns) << 2;
  }
}

/** @param labels float32 [rows, columns] */
export function crossEntropyOneHot(
  logits: usize,
  labels: usize,
  losses: usize,
  rows: i32,
  columns: i32,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++) {
    const largest = rowMaximum(logits, columns);
    const log = logOf(exponentials(logits, 0, columns, largest));
    const loss = rowCost(logits, labels, columns, largest) + log * rowSum(labels, columns);
    store<f32>(losses + ((<usize>i) << 2), loss);
    logits += rowBytes;
    labels += rowBytes;
  }
}

export function crossEntropyGradSparse(
  logits: usize,
  labels: usize,
  dLosses: usize,
  y: usize,
  rows: i32,
  columns: i32,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++) {
    const label = load<i32>(labels + ((<usize>i) << 2));
    const known = <u32>label < <u32>columns;
    const dLoss: f32 = known ? load<f32>(dLosses + ((<usize>i) << 2)) : NaN;
    const sum = exponentials(logits, y, columns, rowMaximum(logits, columns));
    const scale = constant(1 / sum);
    const by = constant(dLoss);
    if (known) {
      // −sum, so that the label's entry becomes softmax − 1 in the pass below.
      const p = y + ((<usize>label) << 2);
      store<f32>(p, load<f32>(p) - sum);
    }
    for (let j = 0; j < columns; j += 4) {
      const p = y + ((<usize>j) << 2);
      storeUpTo(p, f32x4.mul(f32x4.mul(v128.load(p), scale), by), columns - j);
    }
    logits += rowBytes;
    y += rowBytes;
  }
}

export function crossEntropyGradOneHot(
  logits: usize,
  labels: usize,
  dLosses: usize,
  y: usize,
  rows: i32,
  columns: i32,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++) {
    const dLoss = constant(load<f32>(dLosses + ((<usize>i) << 2)));
    const sum = exponentials(logits, y, columns, rowMaximum(logits, columns));
    const scale = constant(rowSum(labels, columns) / sum);
    for (let j = 0; j < columns; j += 4) {
      const at = (<usize>j) << 2;
      const expected = f32x4.mul(v128.load(y + at), scale);
      const gap = f32x4.sub(expected, v128.load(labels + at));
      storeUpTo(y + at, f32x4.mul(gap, dLoss), columns - j);
    }
    logits += rowBytes;
    labels += rowBytes;
    y += rowBytes;
  }
}

/** @param y float32 [1] @param labels int32 [rows] */
export function countSparse(x: usize, labels: usize, y: usize, rows: i32, columns: i32): void {
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (firstMaximum(x, columns) == load<i32>(labels)) count++;
    x += (<usize>columns) << 2;
    labels += 4;
  }
  store<f32>(y, <f32>count);
}

/** @param labels float32 [rows, columns] */
export function countOneHot(x: usize, labels: usize, y: usize, rows: i32, columns: i32): void {
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (firstMaximum(x, columns) == firstMaximum(labels, columns)) count++;
    x += (<usize>columns) << 2;
    labels += (<usize>columns) << 2;
  }
  store<f32>(y, <f32>count);
}

/** @param areIntegers labels are int32, not float32 */
export function countBinary(x: usize, labels: usize, y: usize, n: i32, areIntegers: i32): void {
  let count = 0;
  for (let i = 0; i < n; i++) {
    const label = areIntegers ? load<i32>(labels) > 0 : load<f32>(labels) > 0.5;
    if (load<f32>(x) > 0.5 == label) count++;
    x += 4;
    labels += 4;
  }
  store<f32>(y, <f32>count);
}
