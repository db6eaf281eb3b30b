// What kernels for depthwise windows of 3 by 3 have in common: a unit is a band of rows of up to sixteen channels,
// a cache line's. Rows that are read are laid out anew, four channels after four, each pixel a vector, zeros where
// padding is: where they lie, pixels are so far apart that few of a row's lines find room in the first cache together.
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
  /** The image at the block's first channel; bytes of a pixel. */
  image: usize;
  pixelBytes: usize;
  height: i32;
  width: i32;
  /** Pixels of padding at the left, and of a row that is laid out. */
  left: i32;
  paddedWidth: i32;
  /** Vectors in a pixel's block. */
  groups: i32;
  /** The row that is laid out next. */
  next: i32;
  /** A row of zeros for four channels, with those that are kept behind it. */
  zeros: usize;
}

/** All that is kept becomes zeros, as padding stays from then on. */
export function clearRows(rows: Rows): void {
  memory.fill(rows.zeros, 0, (<usize>rows.paddedWidth << 4) * (1 + KEPT_ROWS * (BLOCK_CHANNELS / 4)));
}

/** Lays out rows up to `last`, where they are in the image. */
export function layOutTo(rows: Rows, last: i32): void {
  const end = min(last + 1, rows.height);
  const inside = max(0, min(rows.width, rows.paddedWidth - rows.left));
  for (let row = max(rows.next, 0); row < end; row++) {
    const from = rows.image + <usize>(row * rows.width) * rows.pixelBytes;
    const to = rowOf(rows, row, 0) + ((<usize>rows.left) << 4);
    layOut(from, rows.pixelBytes, to, (<usize>rows.paddedWidth) << 4, inside, rows.groups);
  }
  rows.next = max(rows.next, end);
}

/** Four channels of a row that is laid out, or of one that is padding. */
// @ts-ignore: decorator
@inline
export function rowOf(rows: Rows, row: i32, group: i32): usize {
  if (<u32>row >= <u32>rows.height) return rows.zeros;
  const slot = 1 + (row & (KEPT_ROWS - 1)) * (BLOCK_CHANNELS / 4) + group;
  return rows.zeros + ((<usize>(slot * rows.paddedWidth)) << 4);
}

/** Vectors out of `count` pixels, those of the next four channels `step` bytes on. */
export function layOut(
  from: usize,
  pixelBytes: usize,
  to: usize,
  step: usize,
  count: i32,
  groups: i32,
): void {
  if (groups == BLOCK_CHANNELS / 4) {
    const end = to + ((<usize>count) << 4);
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
    let q = to + <usize>group * step;
    for (let i = 0; i < count; i++) {
      v128.store(q, v128.load(p));
      p += pixelBytes;
      q += 16;
    }
  }
}

/** Pixels out of vectors, kept from `least` to `most`. @param channels of a pixel that are stored */
export function putBack(
  from: usize,
  step: usize,
  to: usize,
  pixelBytes: usize,
  count: i32,
  channels: i32,
  least: v128,
  most: v128,
): void {
  if (channels >= BLOCK_CHANNELS) {
    const end = from + ((<usize>count) << 4);
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
    let p = from;
    let q = to;
    for (let i = 0; i < count; i++) {
      storeUpTo(q, within(v128.load(p), least, most), left);
      p += 16;
      q += pixelBytes;
    }
    from += step;
    to += 16;
  }
}

// @ts-ignore: decorator
@inline
function within(value: v128, least: v128, most: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, least), most);
}
