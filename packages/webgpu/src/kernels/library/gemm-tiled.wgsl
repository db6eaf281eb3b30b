// The loop all products share, for real GPUs: result[batch] = A x B in tiles of workgroup memory, 4 x 4
// results to an invocation.
//
// A and B need not exist as matrices: the op's file says how a row of A, a column of B and a term of
// the sum turn into places in memory (`row_of_a`, `term_of_a`, `load_a` and the same for B), which is
// how convolutions run without a copy of their windows. Each invocation loads one term of a tile for
// many rows, so that a term is taken apart once. With PARTS > 1 each part of the sum makes results of
// its own, which sum-parts.wgsl adds in order.
// Constants: BATCHES, ROWS, COLUMNS, DEPTH, PARTS, PART_DEPTH, THREADS_X, THREADS_Y, TILE_DEPTH,
// A_TERMS_ADJACENT, B_TERMS_ADJACENT (neighbouring invocations load neighbouring terms), SUMMED (the
// columns of B are summed too, by who has the first row). With store-rows.wgsl, or another that has its functions.
// Shared: `a_tile` and `b_tile`, the terms of TILE_DEPTH columns and rows.

const TILE_ROWS = 4 * THREADS_Y;
const TILE_COLUMNS = 4 * THREADS_X;
const ROW_TILES = (ROWS + TILE_ROWS - 1) / TILE_ROWS;
const COLUMN_TILES = (COLUMNS + TILE_COLUMNS - 1) / TILE_COLUMNS;
// Invocations that load the same term, and how many groups of four rows or columns each of them loads.
const PEERS = WORKGROUP / TILE_DEPTH;
const A_LOADS = THREADS_Y / PEERS;
const B_LOADS = THREADS_X / PEERS;
const INNER_DEPTH = min(TILE_DEPTH, PART_DEPTH);

fn load_a_row(batch: u32, row: u32, term: TermOfA) -> f32 {
  if (row >= ROWS) { return 0.0; }
  return load_a(row_of_a(batch, row), term);
}

fn load_b_column(batch: u32, column: u32, term: TermOfB) -> f32 {
  if (column >= COLUMNS) { return 0.0; }
  return load_b(term, column_of_b(batch, column));
}

fn work(group: u32, lane: u32) {
  let slice = group / (ROW_TILES * COLUMN_TILES);
  if (slice >= BATCHES * PARTS) { return; }
  let batch = slice % BATCHES;
  let first_row = (group / COLUMN_TILES) % ROW_TILES * TILE_ROWS;
  let first_column = group % COLUMN_TILES * TILE_COLUMNS;
  let first_term = slice / BATCHES * PART_DEPTH;
  let end_term = min(first_term + PART_DEPTH, u32(DEPTH));

  var a_term = lane / PEERS;
  var a_peer = lane % PEERS;
  if (A_TERMS_ADJACENT) {
    a_term = lane % TILE_DEPTH;
    a_peer = lane / TILE_DEPTH;
  }
  var b_term = lane / PEERS;
  var b_peer = lane % PEERS;
  if (B_TERMS_ADJACENT) {
    b_term = lane % TILE_DEPTH;
    b_peer = lane / TILE_DEPTH;
  }

  let x = lane % THREADS_X;
  let y = lane / THREADS_X;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let sums_columns = SUMMED && first_row + y == 0u;
  var column_sums = vec4<f32>();
  for (var base = first_term; base < end_term; base += TILE_DEPTH) {
    let term_a = term_of_a(base + a_term);
    for (var i = 0u; i < A_LOADS; i++) {
      let four = a_peer + i * PEERS;
      let row = first_row + four * 4u;
      var values = vec4<f32>();
      if (base + a_term < end_term) {
        values = vec4<f32>(
          load_a_row(batch, row, term_a),
          load_a_row(batch, row + 1u, term_a),
          load_a_row(batch, row + 2u, term_a),
          load_a_row(batch, row + 3u, term_a),
        );
      }
      a_tile[a_term * THREADS_Y + four] = values;
    }
    let term_b = term_of_b(base + b_term);
    for (var i = 0u; i < B_LOADS; i++) {
      let four = b_peer + i * PEERS;
      let column = first_column + four * 4u;
      var values = vec4<f32>();
      if (base + b_term < end_term) {
        values = vec4<f32>(
          load_b_column(batch, column, term_b),
          load_b_column(batch, column + 1u, term_b),
          load_b_column(batch, column + 2u, term_b),
          load_b_column(batch, column + 3u, term_b),
        );
      }
      b_tile[b_term * THREADS_X + four] = values;
    }
    workgroupBarrier();
    for (var term = 0u; term < INNER_DEPTH; term++) {
      let a = a_tile[term * THREADS_Y + y];
      let b = b_tile[term * THREADS_X + x];
      sum0 += a.x * b;
      sum1 += a.y * b;
      sum2 += a.z * b;
      sum3 += a.w * b;
      if (sums_columns) { column_sums += b; }
    }
    workgroupBarrier();
  }
  let row = first_row + y * 4u;
  let column = first_column + x * 4u;
  store_four(slice, row, column, sum0, sum1, sum2, sum3);
  if (sums_columns) { store_row(slice, ROWS, column, column_sums); }
}
