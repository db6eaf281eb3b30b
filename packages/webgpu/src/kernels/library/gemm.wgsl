// The loop all products share: result[batch] = A x B in tiles, 4 x 4 results to an invocation.
//
// A and B need not exist as matrices: the op's file says how a row of A, a column of B and a term of
// the sum turn into places in memory (`row_of_a`, `term_of_a`, `load_a` and the same for B), which is
// how convolutions run without a copy of their windows. Each invocation loads one term of a tile for
// many rows, so that a term is taken apart once. With PARTS > 1 each part of the sum makes results of
// its own, which sum-parts.wgsl adds in order.
// Constants: ROWS, COLUMNS, DEPTH, PARTS, PART_DEPTH, THREADS_X, THREADS_Y, TILE_DEPTH,
// A_TERMS_ADJACENT, B_TERMS_ADJACENT (neighbouring invocations load neighbouring terms). Prepended: `epilogue`.

const WORKGROUP = THREADS_X * THREADS_Y;
const TILE_ROWS = 4 * THREADS_Y;
const TILE_COLUMNS = 4 * THREADS_X;
const ROW_TILES = (ROWS + TILE_ROWS - 1) / TILE_ROWS;
const COLUMN_TILES = (COLUMNS + TILE_COLUMNS - 1) / TILE_COLUMNS;
// Invocations that load the same term.
const PEERS = WORKGROUP / TILE_DEPTH;
const A_LOADS = TILE_ROWS / PEERS;
const B_LOADS = TILE_COLUMNS / PEERS;
const INNER_DEPTH = min(TILE_DEPTH, PART_DEPTH);

var<workgroup> a_tile: array<vec4<f32>, TILE_DEPTH * THREADS_Y>;
var<workgroup> b_tile: array<vec4<f32>, TILE_DEPTH * THREADS_X>;

fn store(slice: u32, row: u32, column: u32, values: vec4<f32>) {
  if (row >= ROWS) { return; }
  let base = (slice * ROWS + row) * COLUMNS + column;
  for (var i = 0u; i < 4u; i++) {
    if (column + i < COLUMNS) { result[base + i] = epilogue(values[i], column + i); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let tile = flat_workgroup(group);
  let slice = tile / (ROW_TILES * COLUMN_TILES);
  if (slice >= BATCHES * PARTS) { return; }
  let batch = slice % BATCHES;
  let part = slice / BATCHES;
  let first_row = (tile / COLUMN_TILES) % ROW_TILES * TILE_ROWS;
  let first_column = tile % COLUMN_TILES * TILE_COLUMNS;
  let first_term = part * PART_DEPTH;
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
  var a_rows: array<RowOfA, A_LOADS>;
  for (var i = 0u; i < A_LOADS; i++) {
    a_rows[i] = row_of_a(batch, first_row + a_peer + i * PEERS);
  }
  var b_columns: array<ColumnOfB, B_LOADS>;
  for (var i = 0u; i < B_LOADS; i++) {
    b_columns[i] = column_of_b(batch, first_column + b_peer + i * PEERS);
  }

  let x = lane % THREADS_X;
  let y = lane / THREADS_X;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  for (var base = first_term; base < end_term; base += TILE_DEPTH) {
    let term_a = term_of_a(base + a_term);
    let a_inside = base + a_term < end_term;
    for (var i = 0u; i < A_LOADS; i++) {
      let row = a_peer + i * PEERS;
      var value = 0.0;
      if (a_inside && first_row + row < ROWS) { value = load_a(a_rows[i], term_a); }
      a_tile[a_term * THREADS_Y + row / 4u][row % 4u] = value;
    }
    let term_b = term_of_b(base + b_term);
    let b_inside = base + b_term < end_term;
    for (var i = 0u; i < B_LOADS; i++) {
      let column = b_peer + i * PEERS;
      var value = 0.0;
      if (b_inside && first_column + column < COLUMNS) { value = load_b(term_b, b_columns[i]); }
      b_tile[b_term * THREADS_X + column / 4u][column % 4u] = value;
    }
    workgroupBarrier();
    for (var term = 0u; term < INNER_DEPTH; term++) {
      let a = a_tile[term * THREADS_Y + y];
      let b = b_tile[term * THREADS_X + x];
      sum0 += a.x * b;
      sum1 += a.y * b;
      sum2 += a.z * b;
      sum3 += a.w * b;
    }
    workgroupBarrier();
  }
  let row = first_row + y * 4u;
  let column = first_column + x * 4u;
  store(slice, row, column, sum0);
  store(slice, row + 1u, column, sum1);
  store(slice, row + 2u, column, sum2);
  store(slice, row + 3u, column, sum3);
}
