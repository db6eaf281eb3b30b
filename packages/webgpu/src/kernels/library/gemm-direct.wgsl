// The loop all products share, for software adapters: 4 x 8 results to an invocation, straight from
// memory. On a CPU a barrier and a copy to workgroup memory cost more than they save: this form runs
// twice as fast as gemm-tiled.wgsl there and compiles ten times faster. It takes the same functions
// from the op's file, and `next_of_a` and `next_of_b` beside them: a division costs as much as
// twenty products, so terms are stepped and not taken apart.
// Constants: BATCHES, ROWS, COLUMNS, DEPTH, PARTS, PART_DEPTH, THREADS_X, THREADS_Y, SUMMED. What these are, and
// what stores the results, says gemm-tiled.wgsl.

const TILE_ROWS = 4 * THREADS_Y;
const TILE_COLUMNS = 8 * THREADS_X;
const ROW_TILES = (ROWS + TILE_ROWS - 1) / TILE_ROWS;
const COLUMN_TILES = (COLUMNS + TILE_COLUMNS - 1) / TILE_COLUMNS;

// Rows and columns beyond the last one read the last one and are not stored.
fn row_at(batch: u32, row: u32) -> RowOfA {
  return row_of_a(batch, min(row, u32(ROWS) - 1u));
}

fn column_at(batch: u32, column: u32) -> ColumnOfB {
  return column_of_b(batch, min(column, u32(COLUMNS) - 1u));
}

fn work(group: u32, lane: u32) {
  let slice = group / (ROW_TILES * COLUMN_TILES);
  if (slice >= BATCHES * PARTS) { return; }
  let batch = slice % BATCHES;
  let row = (group / COLUMN_TILES) % ROW_TILES * TILE_ROWS + lane / THREADS_X * 4u;
  let column = group % COLUMN_TILES * TILE_COLUMNS + lane % THREADS_X * 8u;
  let first_term = slice / BATCHES * PART_DEPTH;
  let end_term = min(first_term + PART_DEPTH, u32(DEPTH));

  let row0 = row_at(batch, row);
  let row1 = row_at(batch, row + 1u);
  let row2 = row_at(batch, row + 2u);
  let row3 = row_at(batch, row + 3u);
  let column0 = column_at(batch, column);
  let column1 = column_at(batch, column + 1u);
  let column2 = column_at(batch, column + 2u);
  let column3 = column_at(batch, column + 3u);
  let column4 = column_at(batch, column + 4u);
  let column5 = column_at(batch, column + 5u);
  let column6 = column_at(batch, column + 6u);
  let column7 = column_at(batch, column + 7u);
  var left0 = vec4<f32>();
  var left1 = vec4<f32>();
  var left2 = vec4<f32>();
  var left3 = vec4<f32>();
  var right0 = vec4<f32>();
  var right1 = vec4<f32>();
  var right2 = vec4<f32>();
  var right3 = vec4<f32>();
  let sums_columns = SUMMED && row == 0u;
  var left_sums = vec4<f32>();
  var right_sums = vec4<f32>();
  var term_a = term_of_a(first_term);
  var term_b = term_of_b(first_term);
  for (var term = first_term; term < end_term; term++) {
    let left = vec4<f32>(
      load_b(term_b, column0), load_b(term_b, column1), load_b(term_b, column2), load_b(term_b, column3));
    let right = vec4<f32>(
      load_b(term_b, column4), load_b(term_b, column5), load_b(term_b, column6), load_b(term_b, column7));
    let a0 = load_a(row0, term_a);
    left0 += a0 * left;
    right0 += a0 * right;
    let a1 = load_a(row1, term_a);
    left1 += a1 * left;
    right1 += a1 * right;
    let a2 = load_a(row2, term_a);
    left2 += a2 * left;
    right2 += a2 * right;
    let a3 = load_a(row3, term_a);
    left3 += a3 * left;
    right3 += a3 * right;
    if (sums_columns) {
      left_sums += left;
      right_sums += right;
    }
    term_a = next_of_a(term_a);
    term_b = next_of_b(term_b);
  }
  store_four(slice, row, column, left0, left1, left2, left3);
  store_four(slice, row, column + 4u, right0, right1, right2, right3);
  if (sums_columns) {
    store_row(slice, ROWS, column, left_sums);
    store_row(slice, ROWS, column + 4u, right_sums);
  }
}
