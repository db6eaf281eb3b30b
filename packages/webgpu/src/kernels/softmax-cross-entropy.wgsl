// Loss of each row: logsumexp(logits) * sum(labels) - sum(labels * logits), stable: with m the
// largest logit it is (log of the sum of exp(x - m)) * sum(labels) - sum(labels * (x - m)).
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
  var product = 0.0;
  for (var column = first; column < COLUMNS; column += LANES) {
    let shifted = logits[base + column] - largest;
    let label = label_at(row, column);
    total += exponential(shifted);
    weight += label;
    // A label of zero takes no part, even of an infinite logit.
    if (label != 0.0) { product += label * shifted; }
  }
  total = row_sum(lane, total);
  weight = row_sum(lane, weight);
  product = row_sum(lane, product);
  if (first == 0u) {
    let loss = logarithm(total) * weight - product;
    if (label_is_known(row)) { losses[row] = loss; } else { losses[row] = nan(); }
  }
}
