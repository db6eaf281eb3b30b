// Matrix products out of tiles: blocked for the caches, any extents, sums in an order that depends
// on the extents alone.
import { workspace } from "./thread";
import {
  computeTile,
  storeNarrowTile,
  storeTile,
  TILE_BYTES,
  TILE_COLUMNS,
  TILE_ROWS,
} from "./tile";

/** Rows of A and terms of a sum that are walked together: 32 KiB of A, 4 KiB of a panel of B. */
const BLOCK_ROWS = 66;
const BLOCK_TERMS = 128;

/** Bytes of workspace: one tile, and eight zeros to start a sum from. SCRATCH_BYTES of products.ts. */
export const SCRATCH_BYTES = TILE_BYTES + 32;

/** y [m, n] = max(A · B + bias, floor), with A(i, k) = a + i·rowA + k·termA. Steps are in bytes. */
// @ts-ignore: decorator
@unmanaged
class Product {
  a: usize;
  b: usize;
  bias: usize;
  y: usize;
  m: i32;
  k: i32;
  n: i32;
  rowA: usize;
  termA: usize;
  /** Between B's rows, and between its panels of eight columns. */
  rowB: usize;
  panelB: usize;
  floor: f32;
  /** From one matrix of the batch to the next; 0 to use one again and again. */
  batchA: usize;
  batchB: usize;
  /** Offset of SCRATCH_BYTES in the workspace. */
  scratch: usize;
  /** How many panels, and how many row blocks of BLOCK_ROWS, make a matrix of the batch. */
  panels: i32;
  blocks: i32;
}

/** A unit is a panel of y: for products with many columns. */
export function productByPanels(record: usize, begin: i32, end: i32): void {
  const r = changetype<Product>(record);
  for (let unit = begin; unit < end; ) {
    const matrix = unit / r.panels;
    const first = unit - matrix * r.panels;
    const last = min(r.panels, first + end - unit);
    for (let block = 0; block < r.blocks; block++) multiplyBlock(r, matrix, block, first, last);
    unit += last - first;
  }
}

/** A unit is a block of y's rows: for products with many rows. */
export function productByRows(record: usize, begin: i32, end: i32): void {
  const r = changetype<Product>(record);
  for (let unit = begin; unit < end; unit++) {
    const matrix = unit / r.blocks;
    multiplyBlock(r, matrix, unit - matrix * r.blocks, 0, r.panels);
  }
}

/** One block of rows against the panels from `first` to before `last`. */
function multiplyBlock(r: Product, matrix: i32, block: i32, first: i32, last: i32): void {
  const scratch = workspace + r.scratch;
  const zeros = scratch + TILE_BYTES;
  memory.fill(zeros, 0, 32);
  const rowY = (<usize>r.n) << 2;
  const firstRow = block * BLOCK_ROWS;
  const rows = min(BLOCK_ROWS, r.m - firstRow);
  const a = r.a + <usize>matrix * r.batchA + <usize>firstRow * r.rowA;
  const b = r.b + <usize>matrix * r.batchB;
  const y = r.y + (<usize>matrix * r.m + firstRow) * rowY;
  if (r.k == 0) {
    for (let j = first; j < last; j++) startFrom(r, zeros, y, rowY, rows, j);
    return;
  }
  for (let t = 0; t < r.k; t += BLOCK_TERMS) {
    const terms = min(BLOCK_TERMS, r.k - t);
    const floor: f32 = t + terms == r.k ? r.floor : -Infinity;
    for (let j = first; j < last; j++) {
      const column = (<usize>(j * TILE_COLUMNS)) << 2;
      const target = y + column;
      let from = target;
      let stepFrom = rowY;
      if (t == 0) {
        from = r.bias == 0 ? zeros : r.bias + column;
        stepFrom = 0;
      }
      multiplyPanel(
        a + <usize>t * r.termA,
        r.rowA,
        r.termA,
        rows,
        b + <usize>j * r.panelB + <usize>t * r.rowB,
        r.rowB,
        terms,
        min(TILE_COLUMNS, r.n - j * TILE_COLUMNS),
        from,
        stepFrom,
        target,
        rowY,
        floor,
        scratch,
      );
    }
  }
}

/** y [rows, n] = from + A · B, with B in panels of eight columns, on the thread that asks. Steps are in bytes. */
export function multiplyRows(
  a: usize,
  stepA: usize,
  rows: i32,
  k: i32,
  b: usize,
  n: i32,
  from: usize,
  stepFrom: usize,
  y: usize,
  stepY: usize,
  tile: usize,
): void {
  for (let t = 0; t < k; t += BLOCK_TERMS) {
    const terms = min(BLOCK_TERMS, k - t);
    for (let column = 0; column < n; column += TILE_COLUMNS) {
      const bytes = (<usize>column) << 2;
      const isFirst = t == 0;
      // The zeros that a sum starts from are as long as a panel is wide.
      const start = stepFrom == 0 ? from : from + bytes;
      multiplyPanel(
        a + ((<usize>t) << 2),
        stepA,
        4,
        rows,
        b + ((<usize>(column * k)) << 2) + ((<usize>t) << 5),
        32,
        terms,
        min(TILE_COLUMNS, n - column),
        isFirst ? start : y + bytes,
        isFirst ? stepFrom : stepY,
        y + bytes,
        stepY,
        -Infinity,
        tile,
      );
    }
  }
}

/** A sum of no terms. */
function startFrom(r: Product, zeros: usize, y: usize, rowY: usize, rows: i32, panel: i32): void {
  const column = (<usize>(panel * TILE_COLUMNS)) << 2;
  const columns = min(TILE_COLUMNS, r.n - panel * TILE_COLUMNS);
  const from = r.bias == 0 ? zeros : r.bias + column;
  for (let i = 0; i < rows; i++) {
    storeNarrowTile(zeros, from, 0, y + <usize>i * rowY + column, rowY, r.floor, 1, columns);
  }
}

/** One block of rows and terms against one panel of columns. */
function multiplyPanel(
  a: usize,
  rowA: usize,
  termA: usize,
  rows: i32,
  b: usize,
  rowB: usize,
  terms: i32,
  columns: i32,
  from: usize,
  stepFrom: usize,
  c: usize,
  stepC: usize,
  floor: f32,
  tile: usize,
): void {
  const end = b + <usize>terms * rowB;
  for (let left = rows; left > 0; left -= TILE_ROWS) {
    const count = min(left, TILE_ROWS);
    // Rows past the end read the last one again; their results are dropped.
    const row1 = count > 1 ? a + rowA : a;
    const row2 = count > 2 ? row1 + rowA : row1;
    const row3 = count > 3 ? row2 + rowA : row2;
    const row4 = count > 4 ? row3 + rowA : row3;
    const row5 = count > 5 ? row4 + rowA : row4;
    computeTile(a, row1, row2, row3, row4, row5, termA, b, end, rowB, tile);
    if (columns == TILE_COLUMNS) storeTile(tile, from, stepFrom, c, stepC, floor, count);
    else storeNarrowTile(tile, from, stepFrom, c, stepC, floor, count, columns);
    a = row5 + rowA;
    from += stepFrom * TILE_ROWS;
    c += stepC * TILE_ROWS;
  }
}
