// What kernels for depthwise windows of 3 by 3 have in common: a unit is a band of rows of up to sixteen channels,
// a cache line's. Rows that are read are laid out anew, four channels after four, each pixel a vector: where they
// lie, pixels are so far apart that few of a row's lines find room in the first cache together.
import { storeUpTo } from "./lanes";

/** Channels and rows of a unit: as in src/kernels/depthwise.ts. */
export const BLOCK_CHANNELS = 16;
export const BAND_ROWS = 16;
/** Rows that are kept, of which three are in use: a power of two. */
const KEPT_ROWS = 4;

/** Rows of an image, of which those last laid out are kept. */
// @ts-ignore: decorator
@unmanaged
export class Rows {
  /** The image at the block's first channel; bytes of a pixel and of a line. */
  image: usize;
  pixelBytes: usize;
  height: i32;
  width: i32;
  /** Vectors in a pixel's block. */
  groups: i32;
  /** Of the row that is laid out next. */
  next: i32;
  /** Zeros, for a row that is not there; and the rows that are kept. */
  zeros: usize;
  kept: usize;
}

/** Lays out rows up to `last`, where they are in the image. */
export function layOutTo(rows: Rows, last: i32): void {
  const end = min(last + 1, rows.height);
  for (let row = max(rows.next, 0); row < end; row++) {
    const from = rows.image + <usize>(row * rows.width) * rows.pixelBytes;
    layOut(from, rows.pixelBytes, slotOf(rows, row), rows.width, rows.groups);
  }
  rows.next = max(rows.next, end);
}

// @ts-ignore: decorator
@inline
function slotOf(rows: Rows, row: i32): usize {
  return rows.kept + <usize>((row & (KEPT_ROWS - 1)) * rows.width) * (BLOCK_CHANNELS << 2);
}

/** Four channels of a row that is laid out. */
// @ts-ignore: decorator
@inline
export function rowOf(rows: Rows, row: i32, group: i32): usize {
  if (<u32>row >= <u32>rows.height) return rows.zeros;
  return slotOf(rows, row) + ((<usize>(group * rows.width)) << 4);
}

/** to [groups, count]: vectors out of pixels. */
export function layOut(from: usize, pixelBytes: usize, to: usize, count: i32, groups: i32): void {
  const step = (<usize>count) << 4;
  const end = to + step;
  if (groups == BLOCK_CHANNELS / 4) {
    const third = 2 * step;
    while (to < end) {
      v128.store(to, v128.load(from));
      v128.store(to + step, v128.load(from, 16));
      v128.store(to + third, v128.load(from, 32));
      v128.store(to + third + step, v128.load(from, 48));
      from += pixelBytes;
      to += 16;
    }
    return;
  }
  for (let group = 0; group < groups; group++) {
    let p = from + ((<usize>group) << 4);
    for (let i = 0; i < count; i++) {
      v128.store(to, v128.load(p));
      p += pixelBytes;
      to += 16;
    }
  }
}

/** Pixels [count] out of vectors [groups, count], kept from `least` to `most`. @param channels that are stored */
export function putBack(
  from: usize,
  to: usize,
  pixelBytes: usize,
  count: i32,
  channels: i32,
  least: v128,
  most: v128,
): void {
  const step = (<usize>count) << 4;
  const end = from + step;
  if (channels >= BLOCK_CHANNELS) {
    const third = 2 * step;
    while (from < end) {
      v128.store(to, within(v128.load(from), least, most));
      v128.store(to, within(v128.load(from + step), least, most), 16);
      v128.store(to, within(v128.load(from + third), least, most), 32);
      v128.store(to, within(v128.load(from + third + step), least, most), 48);
      from += 16;
      to += pixelBytes;
    }
    return;
  }
  for (let left = channels; left > 0; left -= 4) {
    let p = to;
    for (let i = 0; i < count; i++) {
      storeUpTo(p, within(v128.load(from), least, most), left);
      from += 16;
      p += pixelBytes;
    }
    to += 16;
  }
}

// @ts-ignore: decorator
@inline
function within(value: v128, least: v128, most: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, least), most);
}
