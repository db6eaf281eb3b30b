// Rows of a table by number, and rows added up by number. A number outside of the table is never followed.
import { fillElements } from "./copy";
import { workspace } from "./thread";

// @ts-ignore: decorator
@unmanaged
class TableRows {
  /** [rows, length] */
  table: usize;
  /** int32 [count] */
  indices: usize;
  /** [count, length] */
  y: usize;
  rows: u32;
  length: i32;
  count: i32;
  /** Numbers in a unit. */
  unit: i32;
  /** What the elements of a row outside of the table become. */
  outsideBits: i32;
}

/** A unit is `unit` numbers. */
export function gatherTableRows(record: usize, begin: i32, end: i32): void {
  const r = changetype<TableRows>(record);
  const n = r.length;
  const rowBytes = (<usize>n) << 2;
  const first = <usize>(begin * r.unit);
  let index = r.indices + (first << 2);
  const last = r.indices + ((<usize>min(end * r.unit, r.count)) << 2);
  let y = r.y + first * rowBytes;
  for (; index < last; index += 4) {
    const row = load<u32>(index);
    if (row >= r.rows) fillElements(y, n, r.outsideBits);
    else copyRow(r.table + <usize>row * rowBytes, y, n);
    y += rowBytes;
  }
}

// @ts-ignore: decorator
@inline
function copyRow(x: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    v128.store(y, a);
    v128.store(y, b, 16);
    x += 32;
    y += 32;
  }
  if (n >= 4) {
    v128.store(y, v128.load(x));
    x += 16;
    y += 16;
    n -= 4;
  }
  for (; n > 0; n--) {
    store<f32>(y, load<f32>(x));
    x += 4;
    y += 4;
  }
}

// @ts-ignore: decorator
@unmanaged
class SegmentSums {
  /** [rows, length] */
  x: usize;
  /** int32 [rows] */
  segmentIds: usize;
  /** [parts, segments, length] */
  sums: usize;
  rows: i32;
  length: i32;
  segments: u32;
  /** Rows, or segments, in a unit. */
  unit: i32;
  /** Bytes for the places of LISTED rows, and of one more. */
  places: usize;
}

/** Each part of the rows is a unit; their sums are added afterwards. */
export function sumSegmentParts(record: usize, begin: i32, end: i32): void {
  const r = changetype<SegmentSums>(record);
  const size = <i32>r.segments * r.length;
  for (let part = begin; part < end; part++) {
    const sums = r.sums + ((<usize>(part * size)) << 2);
    fillElements(sums, size, 0);
    addAll(r, sums, part * r.unit, min((part + 1) * r.unit, r.rows));
  }
}

/**
 * A unit owns some of the sums; whoever owns them looks at all numbers. What a thread owns is one stretch: cores that
 * write in turn to lines beside each other take them from one another, which costs more than all the adding.
 */
export function sumOwnSegments(record: usize, begin: i32, end: i32): void {
  const r = changetype<SegmentSums>(record);
  const first = <u32>(begin * r.unit);
  const count = min(<u32>(end * r.unit), r.segments) - first;
  const sums = r.sums + ((<usize>first * <usize>r.length) << 2);
  fillElements(sums, <i32>count * r.length, 0);
  if (count == r.segments) addAll(r, sums, 0, r.rows);
  else addOwn(r, first, count, workspace + r.places);
}

/** Rows whose places are listed before they are added: so no branch must be guessed for each number. */
const LISTED = 1024;

function addOwn(r: SegmentSums, first: u32, count: u32, places: usize): void {
  const rowBytes = (<usize>r.length) << 2;
  for (let from = 0; from < r.rows; from += LISTED) {
    const to = min(from + LISTED, r.rows);
    let last = places;
    for (let row = from; row < to; row++) {
      const segment = load<u32>(r.segmentIds + ((<usize>row) << 2));
      store<i32>(last, row);
      last += (<usize>(segment - first < count)) << 2;
    }
    for (let place = places; place < last; place += 4) {
      const row = <usize>load<i32>(place);
      const segment = <usize>load<u32>(r.segmentIds + (row << 2));
      addRow(r.x + row * rowBytes, r.sums + segment * rowBytes, r.length);
    }
  }
}

function addAll(r: SegmentSums, sums: usize, from: i32, to: i32): void {
  const rowBytes = (<usize>r.length) << 2;
  let id = r.segmentIds + ((<usize>from) << 2);
  const last = r.segmentIds + ((<usize>to) << 2);
  let x = r.x + <usize>from * rowBytes;
  for (; id < last; id += 4) {
    const segment = load<u32>(id);
    if (segment < r.segments) addRow(x, sums + <usize>segment * rowBytes, r.length);
    x += rowBytes;
  }
}

/** y += x. All loads stand before the stores, which V8 may then join to wider ones. */
// @ts-ignore: decorator
@inline
function addRow(x: usize, y: usize, n: i32): void {
  for (; n >= 16; n -= 16) {
    const a = f32x4.add(v128.load(y), v128.load(x));
    const b = f32x4.add(v128.load(y, 16), v128.load(x, 16));
    const c = f32x4.add(v128.load(y, 32), v128.load(x, 32));
    const d = f32x4.add(v128.load(y, 48), v128.load(x, 48));
    v128.store(y, a);
    v128.store(y, b, 16);
    v128.store(y, c, 32);
    v128.store(y, d, 48);
    x += 64;
    y += 64;
  }
  for (; n >= 4; n -= 4) {
    v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; n > 0; n--) {
    store<f32>(y, load<f32>(y) + load<f32>(x));
    x += 4;
    y += 4;
  }
}
