// A product whose left side are patches of an image, read where they lie: A(i, k) is the element at
// `a` + rows[i] + terms[k]. Of a convolution rows are its positions and terms its taps; of the
// gradient for its filter, the other way round.
import {
  computePatchTile,
  storeNarrowTile,
  storeTile,
  TILE_BYTES,
  TILE_COLUMNS,
  TILE_ROWS,
} from "./tile";

/** Rows of A and terms of a sum that are walked together. */
const BLOCK_ROWS = 126;
const BLOCK_TERMS = 288;

/**
 * C = max(A · B + start, floor) for the panels from `first` to before `last`.
 * @param b panels of eight columns, `panelB` bytes apart, whose rows are `stepB` bytes apart
 * @param start bias [n] (`stepStart` 0), C itself to accumulate (`stepStart` = `stepC`), or 0
 * @param scratch SCRATCH_BYTES bytes
 */
export function multiplyPatches(
  a: usize,
  rows: usize,
  m: i32,
  terms: usize,
  k: i32,
  b: usize,
  stepB: usize,
  panelB: usize,
  n: i32,
  first: i32,
  last: i32,
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
      for (let panel = first; panel < last; panel++) {
        const column = (<usize>(panel * TILE_COLUMNS)) << 2;
        const target = blockC + column;
        let from = target;
        let stepFrom = stepC;
        if (t == 0) {
          from = start == 0 ? zeros : start + <usize>i * stepStart + column;
          stepFrom = start == 0 ? 0 : stepStart;
        }
        multiplyPanel(
          a,
          blockRows,
          height,
          terms + ((<usize>t) << 2),
          depth,
          b + <usize>panel * panelB + <usize>t * stepB,
          stepB,
          min(TILE_COLUMNS, n - panel * TILE_COLUMNS),
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
  for (let left = m; left > 0; left -= TILE_ROWS) {
    const count = min(left, TILE_ROWS);
    const row0 = a + load<u32>(rows);
    let row1 = row0;
    let row2 = row0;
    let row3 = row0;
    let row4 = row0;
    let row5 = row0;
    // Rows past the end read the first one again; their results are dropped.
    if (count > 1) row1 = a + load<u32>(rows, 4);
    if (count > 2) row2 = a + load<u32>(rows, 8);
    if (count > 3) row3 = a + load<u32>(rows, 12);
    if (count > 4) row4 = a + load<u32>(rows, 16);
    if (count > 5) row5 = a + load<u32>(rows, 20);
    computePatchTile(row0, row1, row2, row3, row4, row5, terms, end, b, stepB, tile);
    if (columns == TILE_COLUMNS) storeTile(tile, from, stepFrom, c, stepC, floor, count);
    else storeNarrowTile(tile, from, stepFrom, c, stepC, floor, count, columns);
    rows += 4 * TILE_ROWS;
    from += stepFrom * TILE_ROWS;
    c += stepC * TILE_ROWS;
  }
}
