// Gradient for the logits: (softmax * sum(labels) - labels) * dLosses of the row.
// Constants: ROWS, COLUMNS, LANES, GROUP_ROWS, SPARSE.

fn work(group: u32, lane: u32) {
  let row = min(group * GROUP_ROWS + lane / LANES, u32(ROWS) - 1u);
  let base = row * COLUMNS;
  let first = lane % LANES;
  var largest = logits[base + min(first, u32(COLUMNS) - 1u)];
  for (var column = first + LANES; column < COLUMNS; column += LANES) {
    largest = maximum(largest, logits[base + column]);
  }
  largest = row_maximum(lane, largest);
  var total = 0.0;
  var weight = 0.0;
  for (var column = first; column < COLUMNS; column += LANES) {
    total += exponential(logits[base + column] - largest);
    weight += label_at(row, column);
  }
  total = row_sum(lane, total);
  weight = row_sum(lane, weight);
  var scale = d_losses[row];
  if (!label_is_known(row)) { scale = nan(); }
  for (var column = first; column < COLUMNS; column += LANES) {
    let probability = exponential(logits[base + column] - largest) / total;
    result[base + column] = (probability * weight - label_at(row, column)) * scale;
  }
}
