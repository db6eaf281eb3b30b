// Index of the first maximum of each row; one invocation a row. Constants: ROWS, COLUMNS.

fn make(row: u32) {
  let base = row * COLUMNS;
  var best = x[base];
  var place = 0u;
  for (var column = 1u; column < COLUMNS; column++) {
    let value = x[base + column];
    if (value > best) {
      best = value;
      place = column;
    }
  }
  result[row] = i32(place);
}
