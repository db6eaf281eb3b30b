// The one kernel behind every matrix product and convolution: a tile of 4 rows by 8 columns.
//
// A is read through a table, A(i, k) = row_i + offsets[k], so that a plain matrix, its transpose and
// the patches of an image are one and the same; the extra load hides behind the arithmetic.
// V8 keeps all of it in registers only because the function is this bare: one loop that tests at
// its top, nothing unrolled, nothing live across it, plain stores afterwards. Do not add to it.

export const TILE_ROWS = 4;
export const TILE_COLUMNS = 8;
export const TILE_BYTES = TILE_ROWS * TILE_COLUMNS * 4;

/**
 * tile[4, 8] = Σ_k A(i, k) · B(k, j).
 * @param b eight adjacent columns, rows `stepB` bytes apart
 */
export function computeTile(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
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
  let right0 = f32x4.splat(0);
  let right1 = f32x4.splat(0);
  let right2 = f32x4.splat(0);
  let right3 = f32x4.splat(0);
  while (offsets < end) {
    const offset = load<u32>(offsets);
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(row0 + offset);
    left0 = f32x4.add(left0, f32x4.mul(a0, left));
    right0 = f32x4.add(right0, f32x4.mul(a0, right));
    const a1 = v128.load_splat<f32>(row1 + offset);
    left1 = f32x4.add(left1, f32x4.mul(a1, left));
    right1 = f32x4.add(right1, f32x4.mul(a1, right));
    const a2 = v128.load_splat<f32>(row2 + offset);
    left2 = f32x4.add(left2, f32x4.mul(a2, left));
    right2 = f32x4.add(right2, f32x4.mul(a2, right));
    const a3 = v128.load_splat<f32>(row3 + offset);
    left3 = f32x4.add(left3, f32x4.mul(a3, left));
    right3 = f32x4.add(right3, f32x4.mul(a3, right));
    offsets += 4;
    b += stepB;
  }
  v128.store(tile, left0);
  v128.store(tile, right0, 16);
  v128.store(tile, left1, 32);
  v128.store(tile, right1, 48);
  v128.store(tile, left2, 64);
  v128.store(tile, right2, 80);
  v128.store(tile, left3, 96);
  v128.store(tile, right3, 112);
}

// @ts-ignore: decorator
@inline
function finish(tile: usize, from: usize, floor: v128): v128 {
  return f32x4.pmax(f32x4.add(v128.load(tile), v128.load(from)), floor);
}

/** c = max(tile + from, floor), a whole tile; steps are the bytes between rows. */
export function storeTile(
  tile: usize,
  from: usize,
  stepFrom: usize,
  c: usize,
  stepC: usize,
  floor: f32,
): void {
  const least = f32x4.splat(floor);
  for (let i = 0; i < TILE_ROWS; i++) {
    v128.store(c, finish(tile, from, least));
    v128.store(c, finish(tile + 16, from + 16, least), 16);
    tile += 32;
    from += stepFrom;
    c += stepC;
  }
}

/** The same for the first `rows` rows and `columns` columns of a tile. */
export function storeRaggedTile(
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
