// Rows of a data set that stays on the device, and the ring of each step's results.
//
// An index that is not in the data set, or not in the order, is never read: its row becomes NaN, or
// −1 where integers are asked for (which the losses turn into NaN).
import { fillElements } from "./copy";
import { storeUpTo } from "./lanes";
import { constant } from "./math";
import { currentStep } from "./thread";

const UINT8 = 0;
const INT32 = 1;
const NAN_BITS = 0x7fc00000;

/** What a gather reads. */
// @ts-ignore: decorator
@unmanaged
class Gather {
  column: usize;
  /** Rows the column has. */
  available: i32;
  /** int32 [capacity], or 0 when rows are read in the column's order. */
  order: usize;
  epochStart: usize;
  y: usize;
  rowLength: i32;
  stride: i32;
  capacity: i32;
  /** Of the column's elements: 0 uint8, 1 int32, 2 float32. */
  type: i32;
}

// @ts-ignore: decorator
@unmanaged
class GatherFloats extends Gather {
  scale: f32;
  offset: f32;
}

/** Where the row of the column lies that becomes row `r` of the batch; 0 where there is none. */
function rowAddress(gather: Gather, r: i32): usize {
  let index = <i64>currentStep * <i64>gather.stride + <i64>r;
  if (gather.order != 0) {
    index -= <i64>load<i32>(gather.epochStart) * <i64>gather.stride;
    if (index < 0 || index >= <i64>gather.capacity) return 0;
    index = <i64>load<i32>(gather.order + ((<usize>index) << 2));
  }
  if (index < 0 || index >= <i64>gather.available) return 0;
  const rowBytes = <usize>gather.rowLength << (gather.type == UINT8 ? 0 : 2);
  return gather.column + <usize>index * rowBytes;
}

/** Bytes as float32: low and high halves of eight 16-bit lanes. */
// @ts-ignore: decorator
@inline
function lowFloats(halves: v128): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(halves));
}

// @ts-ignore: decorator
@inline
function highFloats(halves: v128): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(halves));
}

/** y = scale · row + offset, where `scale` and `offset` are four times the same. */
// @ts-ignore: decorator
@inline
function affine(v: v128, scale: v128, offset: v128): v128 {
  return f32x4.add(f32x4.mul(v, scale), offset);
}

function scaleBytes(p: usize, y: usize, n: i32, scale: v128, offset: v128): void {
  for (; n >= 16; n -= 16) {
    const bytes = v128.load(p);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(y, affine(lowFloats(low), scale, offset));
    v128.store(y, affine(highFloats(low), scale, offset), 16);
    v128.store(y, affine(lowFloats(high), scale, offset), 32);
    v128.store(y, affine(highFloats(high), scale, offset), 48);
    p += 16;
    y += 64;
  }
  for (; n > 0; n -= 4) {
    const halves = i16x8.extend_low_i8x16_u(v128.load32_zero(p));
    storeUpTo(y, affine(lowFloats(halves), scale, offset), n);
    p += 4;
    y += 16;
  }
}

// @ts-ignore: decorator
@inline
function scaleWords(isInteger: bool, p: usize, y: usize, n: i32, scale: v128, offset: v128): void {
  for (; n > 0; n -= 4) {
    const v = v128.load(p);
    storeUpTo(y, affine(isInteger ? f32x4.convert_i32x4_s(v) : v, scale, offset), n);
    p += 16;
    y += 16;
  }
}

/** Rows as float32; each is a unit. */
export function gatherFloats(record: usize, begin: i32, end: i32): void {
  const gather = changetype<GatherFloats>(record);
  const n = gather.rowLength;
  const scale = constant(gather.scale);
  const offset = constant(gather.offset);
  let y = gather.y + ((<usize>begin * <usize>n) << 2);
  for (let r = begin; r < end; r++) {
    const p = rowAddress(gather, r);
    if (p == 0) fillElements(y, n, NAN_BITS);
    else if (gather.type == UINT8) scaleBytes(p, y, n, scale, offset);
    else if (gather.type == INT32) scaleWords(true, p, y, n, scale, offset);
    else scaleWords(false, p, y, n, scale, offset);
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

/** Rows as int32, each a unit: what the column holds, unscaled. */
export function gatherIntegers(record: usize, begin: i32, end: i32): void {
  const gather = changetype<Gather>(record);
  const n = gather.rowLength;
  const bytes: usize = gather.type == UINT8 ? 1 : 4;
  let y = gather.y + ((<usize>begin * <usize>n) << 2);
  for (let r = begin; r < end; r++) {
    const p = rowAddress(gather, r);
    for (let j = 0; j < n; j++) {
      store<i32>(y, p == 0 ? -1 : loadInteger(gather.type, p + <usize>j * bytes));
      y += 4;
    }
  }
}

// @ts-ignore: decorator
@unmanaged
class Record {
  ring: usize;
  value: usize;
  /** Of the ring: rows, and elements in a row. */
  length: i32;
  width: i32;
  /** Where the value's elements stand in a row, and how many they are. */
  first: i32;
  count: i32;
  isInteger: i32;
}

/** One value's elements into row `step mod length` of the ring; one unit. */
export function recordStep(record: usize, _begin: i32, _end: i32): void {
  const r = changetype<Record>(record);
  let target = r.ring + ((<usize>((currentStep % r.length) * r.width + r.first)) << 2);
  let value = r.value;
  for (let i = 0; i < r.count; i++) {
    store<f32>(target, r.isInteger ? <f32>load<i32>(value) : load<f32>(value));
    value += 4;
    target += 4;
  }
}
