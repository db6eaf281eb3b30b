// The kernels behind every matrix product and convolution: a tile of 6 rows by 8 columns, which is
// what fifteen vector registers hold (twelve sums, two vectors of B, one element of A).
//
// V8 keeps all of it in registers only because the functions are this bare: one loop that tests at
// its top, nothing unrolled, nothing live across it, plain stores afterwards. Do not add to them.
import { madd } from "./math";

export const TILE_ROWS = 6;
export const TILE_COLUMNS = 8;
export const TILE_BYTES = TILE_ROWS * TILE_COLUMNS * 4;

// @ts-ignore: decorator
@inline
function storeRow(tile: usize, left: v128, right: v128): void {
  v128.store(tile, left);
  v128.store(tile, right, 16);
}

/**
 * tile[6, 8] = Σ_k A(i, k) · B(k, j), with A(i, k) = row_i + k · stepA.
 * @param b eight adjacent columns, rows `stepB` bytes apart, until `end`
 */
export function computeTile(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  row4: usize,
  row5: usize,
  stepA: usize,
  b: usize,
  end: usize,
  stepB: usize,
  tile: usize,
): void {
  let left0 = f32x4.splat(0);
  let left1 = f32x4.splat(0);
  let left2 = f32x4.splat(0);
  let left3 = f32x4.splat(0);
  let left4 = f32x4.splat(0);
  let left5 = f32x4.splat(0);
  let right0 = f32x4.splat(0);
  let right1 = f32x4.splat(0);
  let right2 = f32x4.splat(0);
  let right3 = f32x4.splat(0);
  let right4 = f32x4.splat(0);
  let right5 = f32x4.splat(0);
  let offset: usize = 0;
  while (b < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(row0 + offset);
    left0 = madd(a0, left, left0);
    right0 = madd(a0, right, right0);
    const a1 = v128.load_splat<f32>(row1 + offset);
    left1 = madd(a1, left, left1);
    right1 = madd(a1, right, right1);
    const a2 = v128.load_splat<f32>(row2 + offset);
    left2 = madd(a2, left, left2);
    right2 = madd(a2, right, right2);
    const a3 = v128.load_splat<f32>(row3 + offset);
    left3 = madd(a3, left, left3);
    right3 = madd(a3, right, right3);
    const a4 = v128.load_splat<f32>(row4 + offset);
    left4 = madd(a4, left, left4);
    right4 = madd(a4, right, right4);
    const a5 = v128.load_splat<f32>(row5 + offset);
    left5 = madd(a5, left, left5);
    right5 = madd(a5, right, right5);
    offset += stepA;
    b += stepB;
  }
  storeRow(tile, left0, right0);
  storeRow(tile + 32, left1, right1);
  storeRow(tile + 64, left2, right2);
  storeRow(tile + 96, left3, right3);
  storeRow(tile + 128, left4, right4);
  storeRow(tile + 160, left5, right5);
}

/**
 * The same with A(i, k) = row_i + offsets[k], so that patches of an image are read where they lie.
 * @param offsets table of byte offsets, until `end`
 */
export function computePatchTile(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  row4: usize,
  row5: usize,
  offsets: usize,
  end: usize,
  b: usize,
  stepB: usize,
  tile: usize,
): void {
  let left0 = f32x4.splat(0);
  let left1 = f32x4.splat(0);
  let left2 = f32x4.splat(0);
  let left3 = f32x4.splat(0);
  let left4 = f32x4.splat(0);
  let left5 = f32x4.splat(0);
  let right0 = f32x4.splat(0);
  let right1 = f32x4.splat(0);
  let right2 = f32x4.splat(0);
  let right3 = f32x4.splat(0);
  let right4 = f32x4.splat(0);
  let right5 = f32x4.splat(0);
  while (offsets < end) {
    const offset = load<u32>(offsets);
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(row0 + offset);
    left0 = madd(a0, left, left0);
    right0 = madd(a0, right, right0);
    const a1 = v128.load_splat<f32>(row1 + offset);
    left1 = madd(a1, left, left1);
    right1 = madd(a1, right, right1);
    const a2 = v128.load_splat<f32>(row2 + offset);
    left2 = madd(a2, left, left2);
    right2 = madd(a2, right, right2);
    const a3 = v128.load_splat<f32>(row3 + offset);
    left3 = madd(a3, left, left3);
    right3 = madd(a3, right, right3);
    const a4 = v128.load_splat<f32>(row4 + offset);
    left4 = madd(a4, left, left4);
    right4 = madd(a4, right, right4);
    const a5 = v128.load_splat<f32>(row5 + offset);
    left5 = madd(a5, left, left5);
    right5 = madd(a5, right, right5);
    offsets += 4;
    b += stepB;
  }
  storeRow(tile, left0, right0);
  storeRow(tile + 32, left1, right1);
  storeRow(tile + 64, left2, right2);
  storeRow(tile + 96, left3, right3);
  storeRow(tile + 128, left4, right4);
  storeRow(tile + 160, left5, right5);
}

// @ts-ignore: decorator
@inline
function finish(tile: usize, from: usize, floor: v128): v128 {
  return f32x4.pmax(f32x4.add(v128.load(tile), v128.load(from)), floor);
}

/** c = max(tile + from, floor), the first `rows` rows; steps are the bytes between rows. */
export function storeTile(
  tile: usize,
  from: usize,
  stepFrom: usize,
  c: usize,
  stepC: usize,
  floor: f32,
  rows: i32,
): void {
  const least = f32x4.splat(floor);
  while (rows > 0) {
    v128.store(c, finish(tile, from, least));
    v128.store(c, finish(tile + 16, from + 16, least), 16);
    tile += 32;
    from += stepFrom;
    c += stepC;
    rows--;
  }
}

/** The same for the first `columns` columns. */
export function storeNarrowTile(
  tile: usize,
  from: usize,
  stepFrom: usize,
  c: usize,
  stepC: usize,
  floor: f32,
  rows: i32,
  columns: i32,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < <usize>columns; j++) {
      const value = load<f32>(tile + (j << 2)) + load<f32>(from + (j << 2));
      store<f32>(c + (j << 2), value < floor ? floor : value);
    }
    tile += 32;
    from += stepFrom;
    c += stepC;
  }
}
