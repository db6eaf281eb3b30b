// Adds the parts of a product in order, four rows of four columns at once, for pool-four.wgsl.
// Constants: PARTS, ROWS, COLUMNS.

const FOURS = (COLUMNS + 3) / 4;

fn row_sums(row: u32, column: u32) -> vec4<f32> {
  var sums = vec4<f32>();
  for (var part = 0u; part < PARTS; part++) {
    let at = (part * ROWS + row) * COLUMNS + column;
    sums += vec4<f32>(parts[at], parts[at + 1u], parts[at + 2u], parts[at + 3u]);
  }
  return sums;
}

fn make(index: u32) {
  let window = index / FOURS;
  let row = window * 4u;
  let column = index % FOURS * 4u;
  let first = row_sums(row, column);
  let second = row_sums(row + 1u, column);
  let third = row_sums(row + 2u, column);
  pool_four(window, column, first, second, third, row_sums(row + 3u, column));
}
