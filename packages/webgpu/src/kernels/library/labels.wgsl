// Labels as a row of weights, whether they are stored as class numbers or one-hot.
// Constants: COLUMNS, and exactly one of `labels: array<i32>` (SPARSE) and `array<f32>`.

fn label_at(row: u32, column: u32) -> f32 {
  if (SPARSE) { return select(0.0, 1.0, i32(labels[row]) == i32(column)); }
  return f32(labels[row * COLUMNS + column]);
}

fn label_is_known(row: u32) -> bool {
  return !SPARSE || (i32(labels[row]) >= 0 && i32(labels[row]) < COLUMNS);
}
