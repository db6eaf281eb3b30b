// Rows of a data set that stays on the device, and the ring of each step's results.
//
// An index that is not in the data set, or not in the order, is never read: its row becomes NaN, or
// −1 where integers are asked for (which the losses turn into NaN).
import { storeUpTo } from "./lanes";
import { constant } from "./math";

const UINT8 = 0;
const INT32 = 1;

/** What a gather reads, all but addresses; one record per call, in the executable's tables. */
// @ts-ignore: decorator
@unmanaged
class Rows {
  /** Rows to write. */
  batch: i32;
  rowLength: i32;
  stride: i32;
  /** Elements of `order`. */
  capacity: i32;
  /** Of the column's elements: 0 uint8, 1 int32, 2 float32. */
  type: i32;
}

/** Where the row of the column lies that becomes row r of the batch; 0 where there is none. */
function rowAddress(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  rows: Rows,
  r: i32,
  step: i32,
): usize {
  let index = <i64>step * <i64>rows.stride + <i64>r;
  if (order != 0) {
    index -= <i64>load<i32>(epochStart) * <i64>rows.stride;
    if (index < 0 || index >= <i64>rows.capacity) return 0;
    index = <i64>load<i32>(order + ((<usize>index) << 2));
  }
  if (index < 0 || index >= <i64>available) return 0;
  const rowBytes = <usize>rows.rowLength << (rows.type == UINT8 ? 0 : 2);
  return column + <usize>index * rowBytes;
}

/** Four elements of a column from p on, as float32. */
// @ts-ignore: decorator
@inline
function loadElements<T extends number>(p: usize): v128 {
  if (sizeof<T>() == 1) {
    const halves = i16x8.extend_low_i8x16_u(v128.load32_zero(p));
    return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(halves));
  }
  const v = v128.load(p);
  return isFloat<T>() ? v : f32x4.convert_i32x4_s(v);
}

/** y = scale · row + offset. A row that is not there reads low memory, which is always valid, as NaN. */
function scaleRow<T extends number>(p: usize, y: usize, n: i32, scale: f32, offset: f32): void {
  const by = constant(p == 0 ? NaN : scale);
  const plus = constant(offset);
  const bytes: usize = p == 0 ? 0 : 4 * sizeof<T>();
  for (let left = n; left > 0; left -= 4) {
    storeUpTo(y, f32x4.add(f32x4.mul(loadElements<T>(p), by), plus), left);
    p += bytes;
    y += 16;
  }
}

/** Rows as float32. */
export function gatherFloats(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  y: usize,
  table: usize,
  scale: f32,
  offset: f32,
  step: i32,
): void {
  const rows = changetype<Rows>(table);
  const n = rows.rowLength;
  for (let r = 0; r < rows.batch; r++) {
    const p = rowAddress(column, available, order, epochStart, rows, r, step);
    if (rows.type == UINT8) scaleRow<u8>(p, y, n, scale, offset);
    else if (rows.type == INT32) scaleRow<i32>(p, y, n, scale, offset);
    else scaleRow<f32>(p, y, n, scale, offset);
    y += (<usize>n) << 2;
  }
}

// @ts-ignore: decorator
@inline
function loadInteger(type: i32, p: usize): i32 {
  if (type == UINT8) return <i32>load<u8>(p);
  if (type == INT32) return load<i32>(p);
  return i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(v128.load_splat<f32>(p)), 0);
}

/** Rows as int32: what the column holds, unscaled. */
export function gatherIntegers(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  y: usize,
  table: usize,
  step: i32,
): void {
  const rows = changetype<Rows>(table);
  const bytes: usize = rows.type == UINT8 ? 1 : 4;
  for (let r = 0; r < rows.batch; r++) {
    const p = rowAddress(column, available, order, epochStart, rows, r, step);
    for (let j = 0; j < rows.rowLength; j++) {
      store<i32>(y, p == 0 ? -1 : loadInteger(rows.type, p + <usize>j * bytes));
      y += 4;
    }
  }
}

/** One value's elements into row `step mod length` of the ring, from its element `first` on. */
export function recordStep(
  ring: usize,
  value: usize,
  length: i32,
  width: i32,
  first: i32,
  count: i32,
  isInteger: i32,
  step: i32,
): void {
  let target = ring + ((<usize>((step % length) * width + first)) << 2);
  for (let i = 0; i < count; i++) {
    store<f32>(target, isInteger ? <f32>load<i32>(value) : load<f32>(value));
    value += 4;
    target += 4;
  }
}
