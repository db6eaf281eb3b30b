// Matrix products out of tiles: blocked for the caches, any extents, sums in an order that depends
// on the extents alone.
import { transposeBlock } from "./copy";
import {
  computeTile,
  storeRaggedTile,
  storeTile,
  TILE_BYTES,
  TILE_COLUMNS,
  TILE_ROWS,
} from "./tile";

/** Rows of A and terms of a sum that are walked together: 128 KiB of A, 8 KiB of a panel of B. */
const BLOCK_ROWS = 128;
const BLOCK_TERMS = 256;

/** Bytes of `scratch`: one tile, and eight zeros to start a sum from. */
export const SCRATCH_BYTES = TILE_BYTES + 32;

/**
 * C = max(A · B + start, floor), with A(i, k) = a + rows[i] + terms[k] (tables of byte offsets) and B
 * in panels of eight columns, `panelB` bytes apart, whose rows are `stepB` bytes apart.
 * @param start bias [n] (`stepStart` 0), C itself to accumulate (`stepStart` = `stepC`), or 0
 * @param scratch SCRATCH_BYTES bytes
 */
export function multiply(
  a: usize,
  rows: usize,
  m: i32,
  terms: usize,
  k: i32,
  b: usize,
  stepB: usize,
  panelB: usize,
  n: i32,
  start: usize,
  stepStart: usize,
  c: usize,
  stepC: usize,
  floor: f32,
  scratch: usize,
): void {
  const zeros = scratch + TILE_BYTES;
  memory.fill(zeros, 0, 32);
  for (let i = 0; i < m; i += BLOCK_ROWS) {
    const blockC = c + <usize>i * stepC;
    const blockRows = rows + ((<usize>i) << 2);
    const height = min(BLOCK_ROWS, m - i);
    for (let t = 0; t < k; t += BLOCK_TERMS) {
      const depth = min(BLOCK_TERMS, k - t);
      const least: f32 = t + depth == k ? floor : -Infinity;
      for (let j = 0; j < n; j += TILE_COLUMNS) {
        const panel = b + <usize>(j >> 3) * panelB + <usize>t * stepB;
        const target = blockC + ((<usize>j) << 2);
        let from = target;
        let stepFrom = stepC;
        if (t == 0) {
          from = start == 0 ? zeros : start + <usize>i * stepStart + ((<usize>j) << 2);
          stepFrom = start == 0 ? 0 : stepStart;
        }
        multiplyPanel(
          a,
          blockRows,
          height,
          terms + ((<usize>t) << 2),
          depth,
          panel,
          stepB,
          min(TILE_COLUMNS, n - j),
          from,
          stepFrom,
          target,
          stepC,
          least,
          scratch,
        );
      }
    }
  }
}

/** One block of rows and terms against one panel of columns. */
function multiplyPanel(
  a: usize,
  rows: usize,
  m: i32,
  terms: usize,
  k: i32,
  b: usize,
  stepB: usize,
  columns: i32,
  from: usize,
  stepFrom: usize,
  c: usize,
  stepC: usize,
  floor: f32,
  tile: usize,
): void {
  const end = terms + ((<usize>k) << 2);
  const whole = columns == TILE_COLUMNS;
  let i = 0;
  for (; i + TILE_ROWS <= m; i += TILE_ROWS) {
    const row0 = a + load<u32>(rows);
    const row1 = a + load<u32>(rows, 4);
    const row2 = a + load<u32>(rows, 8);
    const row3 = a + load<u32>(rows, 12);
    computeTile(row0, row1, row2, row3, terms, end, b, stepB, tile);
    if (whole) storeTile(tile, from, stepFrom, c, stepC, floor);
    else storeRaggedTile(tile, from, stepFrom, c, stepC, floor, TILE_ROWS, columns);
    rows += 4 * TILE_ROWS;
    from += stepFrom * TILE_ROWS;
    c += stepC * TILE_ROWS;
  }
  const left = m - i;
  if (left == 0) return;
  // Rows past the end read the first one again; their results are dropped.
  const row0 = a + load<u32>(rows);
  const row1 = left > 1 ? a + load<u32>(rows, 4) : row0;
  const row2 = left > 2 ? a + load<u32>(rows, 8) : row0;
  computeTile(row0, row1, row2, row0, terms, end, b, stepB, tile);
  storeRaggedTile(tile, from, stepFrom, c, stepC, floor, left, columns);
}

/** b [k, n] to panels [⌈n / 8⌉, k, 8], zeros beyond the last column. */
export function packPanels(b: usize, k: i32, n: i32, packed: usize): void {
  const step = (<usize>n) << 2;
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    const columns = min(TILE_COLUMNS, n - j);
    let from = b + ((<usize>j) << 2);
    for (let t = 0; t < k; t++) {
      if (columns == TILE_COLUMNS) {
        v128.store(packed, v128.load(from));
        v128.store(packed, v128.load(from, 16), 16);
      } else {
        copyColumns(from, packed, columns);
      }
      from += step;
      packed += 32;
    }
  }
}

function copyColumns(from: usize, to: usize, columns: i32): void {
  v128.store(to, f32x4.splat(0));
  v128.store(to, f32x4.splat(0), 16);
  for (let j = 0; j < columns; j++) {
    store<f32>(to, load<f32>(from));
    from += 4;
    to += 4;
  }
}

/** b [n, k] to the same panels. */
export function packTransposed(b: usize, k: i32, n: i32, packed: usize): void {
  const step = (<usize>k) << 2;
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    const columns = min(TILE_COLUMNS, n - j);
    const from = b + <usize>j * step;
    let t = 0;
    if (columns == TILE_COLUMNS) {
      for (; t + 4 <= k; t += 4) {
        const at = from + ((<usize>t) << 2);
        const to = packed + ((<usize>t) << 5);
        transposeBlock(at, step, to, 32);
        transposeBlock(at + step * 4, step, to + 16, 32);
      }
    }
    for (; t < k; t++) {
      packColumn(from + ((<usize>t) << 2), step, packed + ((<usize>t) << 5), columns);
    }
    packed += (<usize>k) << 5;
  }
}

function packColumn(from: usize, step: usize, to: usize, columns: i32): void {
  v128.store(to, f32x4.splat(0));
  v128.store(to, f32x4.splat(0), 16);
  for (let j = 0; j < columns; j++) {
    store<f32>(to, load<f32>(from));
    from += step;
    to += 4;
  }
}

/** How B is read: as it lies, or from panels made first; any other value means b [n, k]. */
const DIRECT = 0;
const PACK = 1;

/**
 * y[i] = max(a[i] · b[i] + bias, floor) for every i of the batch.
 * @param stepA, stepB bytes from one matrix of the batch to the next, 0 to use one again and again
 * @param rows, terms tables of a's byte offsets @param packed k·⌈n / 8⌉·32 bytes
 */
export function matrixProduct(
  a: usize,
  stepA: usize,
  b: usize,
  stepB: usize,
  bias: usize,
  y: usize,
  batch: i32,
  m: i32,
  k: i32,
  n: i32,
  rows: usize,
  terms: usize,
  layout: i32,
  packed: usize,
  scratch: usize,
  floor: f32,
): void {
  const stepC = (<usize>n) << 2;
  for (let i = 0; i < batch; i++) {
    let right = b;
    let stepRight = stepC;
    let panel: usize = 32;
    if (layout != DIRECT) {
      if (i == 0 || stepB != 0) {
        if (layout == PACK) packPanels(b, k, n, packed);
        else packTransposed(b, k, n, packed);
      }
      right = packed;
      stepRight = 32;
      panel = (<usize>k) << 5;
    }
    multiply(a, rows, m, terms, k, right, stepRight, panel, n, bias, 0, y, stepC, floor, scratch);
    a += stepA;
    b += stepB;
    y += <usize>m * stepC;
  }
}
