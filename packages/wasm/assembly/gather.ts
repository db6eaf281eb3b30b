// Rows of a data set that stays on the device, and the ring of each step's results.
//
// An index that is not in the data set, or not in the order, is never read: its row becomes NaN, or
// −1 where integers are asked for (which the losses turn into NaN).
import { storeUpTo } from "./lanes";
import { constant } from "./math";

const UINT8 = 0;
const INT32 = 1;

/** What all columns' kernels share; one record per call, in the executable's tables. */
// @ts-ignore: decorator
@unmanaged
class Rows {
  /** Rows to write. */
  batch: i32;
  rowLength: i32;
  stride: i32;
  /** Elements of `order`. */
  capacity: i32;
}

/** Which row of the column becomes row r of the batch; −1 where there is none. */
function rowIndex(rows: Rows, order: usize, epochStart: usize, step: i32, r: i32): i64 {
  if (order == 0) return <i64>step * <i64>rows.stride + <i64>r;
  const index = (<i64>step - <i64>load<i32>(epochStart)) * <i64>rows.stride + <i64>r;
  if (index < 0 || index >= <i64>rows.capacity) return -1;
  return <i64>load<i32>(order + ((<usize>index) << 2));
}

/** Four elements of a column from p on, as float32. */
// @ts-ignore: decorator
@inline
function loadElements(type: i32, p: usize): v128 {
  if (type == UINT8) {
    const halves = i16x8.extend_low_i8x16_u(v128.load32_zero(p));
    return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(halves));
  }
  const v = v128.load(p);
  return type == INT32 ? f32x4.convert_i32x4_s(v) : v;
}

// @ts-ignore: decorator
@inline
function gather(
  type: i32,
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
  const elementBytes: usize = type == UINT8 ? 1 : 4;
  for (let r = 0; r < rows.batch; r++) {
    const index = rowIndex(rows, order, epochStart, step, r);
    const known = index >= 0 && index < <i64>available;
    let p = known ? column + <usize>index * <usize>rows.rowLength * elementBytes : 0;
    // A row that is not there reads low memory, which is always valid, and turns it into NaN.
    const by = constant(known ? scale : NaN);
    const plus = constant(offset);
    let target = y + <usize>r * ((<usize>rows.rowLength) << 2);
    for (let left = rows.rowLength; left > 0; left -= 4) {
      storeUpTo(target, f32x4.add(f32x4.mul(loadElements(type, p), by), plus), left);
      if (known) p += 4 * elementBytes;
      target += 16;
    }
  }
}

export function gatherUint8(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  y: usize,
  rows: usize,
  scale: f32,
  offset: f32,
  step: i32,
): void {
  gather(UINT8, column, available, order, epochStart, y, rows, scale, offset, step);
}
export function gatherInt32(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  y: usize,
  rows: usize,
  scale: f32,
  offset: f32,
  step: i32,
): void {
  gather(INT32, column, available, order, epochStart, y, rows, scale, offset, step);
}
export function gatherFloat32(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  y: usize,
  rows: usize,
  scale: f32,
  offset: f32,
  step: i32,
): void {
  gather(2, column, available, order, epochStart, y, rows, scale, offset, step);
}

/** Rows as int32: what the column holds, unscaled. @param type 0 uint8, 1 int32, 2 float32 */
export function gatherLabels(
  column: usize,
  available: i32,
  order: usize,
  epochStart: usize,
  y: usize,
  table: usize,
  type: i32,
  step: i32,
): void {
  const rows = changetype<Rows>(table);
  const elementBytes: usize = type == UINT8 ? 1 : 4;
  for (let r = 0; r < rows.batch; r++) {
    const index = rowIndex(rows, order, epochStart, step, r);
    const known = index >= 0 && index < <i64>available;
    let p = known ? column + <usize>index * <usize>rows.rowLength * elementBytes : 0;
    for (let j = 0; j < rows.rowLength; j++) {
      let value = -1;
      if (known) {
        if (type == UINT8) value = <i32>load<u8>(p);
        else if (type == INT32) value = load<i32>(p);
        else value = i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(v128.load_splat<f32>(p)), 0);
        p += elementBytes;
      }
      store<i32>(y, value);
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
