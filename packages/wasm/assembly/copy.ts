// Moving elements without computing: Transpose, Slice, Concat, PadV2 and Tile are all one strided
// copy, or a few.
import { outerOffset } from "./axes";
import { blockElements, blockOffset, blocksOf } from "./blocks";
import { storeLanes } from "./lanes";

// @ts-ignore: decorator
@unmanaged
class CopyStrided {
  x: usize;
  y: usize;
  /** At least two of AXIS_BYTES, innermost first: extent, step in x and step in y, in bytes. */
  axes: usize;
  rank: i32;
}
const AXIS_BYTES = 12;

/** A unit is a block of a row, which is what lies along the innermost axis. */
export function copyStrided(record: usize, begin: i32, end: i32): void {
  const r = changetype<CopyStrided>(record);
  const inner = load<i32>(r.axes);
  const innerX = load<u32>(r.axes, 4);
  const innerY = load<u32>(r.axes, 8);
  const middle = load<i32>(r.axes, 12);
  const middleX = load<u32>(r.axes, 16);
  const middleY = load<u32>(r.axes, 20);
  const outerAxes = r.axes + 2 * AXIS_BYTES;
  const outerRank = r.rank - 2;
  const rowBlocks = blocksOf(inner);
  const first = begin / rowBlocks;
  let block = begin - first * rowBlocks;
  let i = first / middle;
  let j = first - i * middle;
  let rowX = r.x + outerOffset(outerAxes, outerRank, i, AXIS_BYTES, 4) + <usize>j * middleX;
  let rowY = r.y + outerOffset(outerAxes, outerRank, i, AXIS_BYTES, 8) + <usize>j * middleY;
  for (let left = end - begin; left > 0; ) {
    const blockEnd = min(rowBlocks, block + left);
    const n = blockElements(block, blockEnd, inner);
    const at = blockOffset(block);
    if (innerX == 4 && innerY == 4) copyRow(rowX + at, rowY + at, n);
    else copyElements(rowX + (at >> 2) * innerX, rowY + (at >> 2) * innerY, n, innerX, innerY);
    left -= blockEnd - block;
    block = 0;
    if (++j < middle) {
      rowX += middleX;
      rowY += middleY;
    } else if (left > 0) {
      j = 0;
      i++;
      rowX = r.x + outerOffset(outerAxes, outerRank, i, AXIS_BYTES, 4);
      rowY = r.y + outerOffset(outerAxes, outerRank, i, AXIS_BYTES, 8);
    }
  }
}

function copyRow(x: usize, y: usize, n: i32): void {
  if (n >= 64) {
    memory.copy(y, x, (<usize>n) << 2);
    return;
  }
  while (n >= 4) {
    v128.store(y, v128.load(x));
    x += 16;
    y += 16;
    n -= 4;
  }
  while (n > 0) {
    store<f32>(y, load<f32>(x));
    x += 4;
    y += 4;
    n--;
  }
}

function copyElements(x: usize, y: usize, n: i32, stepX: usize, stepY: usize): void {
  while (n > 0) {
    store<f32>(y, load<f32>(x));
    x += stepX;
    y += stepY;
    n--;
  }
}

// @ts-ignore: decorator
@unmanaged
class Copy {
  x: usize;
  y: usize;
  count: i32;
}

/** Elements of four bytes, in blocks. */
export function copyBlocks(record: usize, begin: i32, end: i32): void {
  const r = changetype<Copy>(record);
  const at = blockOffset(begin);
  memory.copy(r.y + at, r.x + at, (<usize>blockElements(begin, end, r.count)) << 2);
}

// @ts-ignore: decorator
@unmanaged
class Fill {
  y: usize;
  count: i32;
  bits: i32;
}

/** Elements of four bytes, in blocks. */
export function fill(record: usize, begin: i32, end: i32): void {
  const r = changetype<Fill>(record);
  fillElements(r.y + blockOffset(begin), blockElements(begin, end, r.count), r.bits);
}

/** Sets n elements of four bytes to `bits`. */
export function fillElements(y: usize, n: i32, bits: i32): void {
  const v = i32x4.splat(bits);
  for (; n >= 16; n -= 16) {
    v128.store(y, v);
    v128.store(y, v, 16);
    v128.store(y, v, 32);
    v128.store(y, v, 48);
    y += 64;
  }
  for (; n >= 4; n -= 4) {
    v128.store(y, v);
    y += 16;
  }
  if (n > 0) storeLanes(y, v, n);
}

// @ts-ignore: decorator
@unmanaged
class Transpose {
  /** [batch, rows, columns] */
  x: usize;
  /** [batch, columns, rows] */
  y: usize;
  rows: i32;
  columns: i32;
}

/** Rows in a unit, so that threads write whole cache lines: STRIP of src/kernels/shape.ts. */
const STRIP = 16;

/** A unit is a strip of one matrix's rows. */
export function transposeMatrix(record: usize, begin: i32, end: i32): void {
  const r = changetype<Transpose>(record);
  const matrixBytes = (<usize>(r.rows * r.columns)) << 2;
  const strips = (r.rows + STRIP - 1) / STRIP;
  while (begin < end) {
    const matrix = begin / strips;
    const offset = <usize>matrix * matrixBytes;
    const row = (begin - matrix * strips) * STRIP;
    transposeStrip(r.x + offset, r.y + offset, r.rows, r.columns, row, min(row + STRIP, r.rows));
    begin++;
  }
}

/** x [rows, columns] to y [columns, rows]. */
export function transposeOne(x: usize, y: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row += STRIP) {
    transposeStrip(x, y, rows, columns, row, min(row + STRIP, rows));
  }
}

/** Blocks of 4 by 4 of some rows, turned in registers, column by column to fill y's cache lines. */
function transposeStrip(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  firstRow: i32,
  endRow: i32,
): void {
  const stepX = (<usize>columns) << 2;
  const stepY = (<usize>rows) << 2;
  const wholeRows = firstRow + ((endRow - firstRow) & ~3);
  x += <usize>firstRow * stepX;
  y += (<usize>firstRow) << 2;
  let c = 0;
  for (; c + 4 <= columns; c += 4) {
    let p = x + ((<usize>c) << 2);
    let q = y + <usize>c * stepY;
    for (let r = firstRow; r < wholeRows; r += 4) {
      transposeBlock(p, stepX, q, stepY);
      p += stepX << 2;
      q += 16;
    }
    for (let r = wholeRows; r < endRow; r++) {
      copyElements(p, q, 4, 4, stepY);
      p += stepX;
      q += 4;
    }
  }
  for (; c < columns; c++) {
    copyElements(x + ((<usize>c) << 2), y + <usize>c * stepY, endRow - firstRow, stepX, 4);
  }
}

/** Four rows of four elements, `stepX` bytes apart, become four columns. */
// @ts-ignore: decorator
@inline
export function transposeBlock(x: usize, stepX: usize, y: usize, stepY: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + stepX);
  const c = v128.load(x + stepX * 2);
  const d = v128.load(x + stepX * 3);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(y + stepY, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(y + stepY * 2, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
  v128.store(y + stepY * 3, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
}
