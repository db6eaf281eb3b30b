// Moving elements without computing: Transpose, Slice, Concat, PadV2 and Tile are all one strided
// copy, or a few.
import { outerOffset } from "./axes";

/** One record per axis, innermost first: extent, step in x and step in y, in bytes. */
const AXIS_BYTES = 12;

/** @param axes at least two axes @param outer product of the extents from the third axis on */
export function copyStrided(x: usize, y: usize, axes: usize, rank: i32, outer: i32): void {
  const inner = load<i32>(axes);
  const innerX = load<u32>(axes, 4);
  const innerY = load<u32>(axes, 8);
  const middle = load<i32>(axes, 12);
  const middleX = load<u32>(axes, 16);
  const middleY = load<u32>(axes, 20);
  const outerAxes = axes + 2 * AXIS_BYTES;
  for (let i = 0; i < outer; i++) {
    let rowX = x + outerOffset(outerAxes, rank - 2, i, AXIS_BYTES, 4);
    let rowY = y + outerOffset(outerAxes, rank - 2, i, AXIS_BYTES, 8);
    for (let j = 0; j < middle; j++) {
      if (innerX == 4 && innerY == 4) copyRow(rowX, rowY, inner);
      else copyElements(rowX, rowY, inner, innerX, innerY);
      rowX += middleX;
      rowY += middleY;
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

export function copyBytes(x: usize, y: usize, bytes: u32): void {
  memory.copy(y, x, bytes);
}

/** Sets n elements of four bytes to the bits of `value`. */
export function fill(y: usize, n: i32, bits: i32): void {
  const v = i32x4.splat(bits);
  while (n >= 4) {
    v128.store(y, v);
    y += 16;
    n -= 4;
  }
  while (n > 0) {
    store<i32>(y, bits);
    y += 4;
    n--;
  }
}

/** x [batch, rows, columns] to y [batch, columns, rows]: blocks of 4 by 4 turned in registers. */
export function transposeMatrix(x: usize, y: usize, batch: i32, rows: i32, columns: i32): void {
  const matrixBytes = (<usize>(rows * columns)) << 2;
  for (let i = 0; i < batch; i++) {
    transposeOne(x, y, rows, columns);
    x += matrixBytes;
    y += matrixBytes;
  }
}

function transposeOne(x: usize, y: usize, rows: i32, columns: i32): void {
  const stepX = (<usize>columns) << 2;
  const stepY = (<usize>rows) << 2;
  const wholeColumns = columns & ~3;
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const blockX = x + <usize>r * stepX;
    const blockY = y + ((<usize>r) << 2);
    for (let c = 0; c < wholeColumns; c += 4) {
      transposeBlock(blockX + ((<usize>c) << 2), stepX, blockY + <usize>c * stepY, stepY);
    }
    for (let c = wholeColumns; c < columns; c++) {
      copyElements(blockX + ((<usize>c) << 2), blockY + <usize>c * stepY, 4, stepX, 4);
    }
  }
  for (; r < rows; r++) {
    copyElements(x + <usize>r * stepX, y + ((<usize>r) << 2), columns, 4, stepY);
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
