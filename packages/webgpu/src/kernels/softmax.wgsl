// Softmax, or its logarithm, along rows. Constants: ROWS, COLUMNS, LANES, GROUP_ROWS, LOGARITHM.

fn work(group: u32, lane: u32) {
  let row = group * GROUP_ROWS + lane / LANES;
  let inside = row < ROWS;
  let base = min(row, u32(ROWS) - 1u) * COLUMNS;
  let first = lane % LANES;
  var largest = x[base + min(first, u32(COLUMNS) - 1u)];
  for (var column = first + LANES; column < COLUMNS; column += LANES) {
    largest = maximum(largest, x[base + column]);
  }
  largest = row_maximum(lane, largest);
  var total = 0.0;
  for (var column = first; column < COLUMNS; column += LANES) {
    total += exponential(x[base + column] - largest);
  }
  total = row_sum(lane, total);
  if (inside) {
    for (var column = first; column < COLUMNS; column += LANES) {
      let shifted = x[base + column] - largest;
      if (LOGARITHM) {
        result[base + column] = shifted - logarithm(total);
      } else {
        result[base + column] = exponential(shifted) / total;
      }
    }
  }
}
