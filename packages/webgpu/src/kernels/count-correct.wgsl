// Counts right answers in one workgroup, of which LANES work (a power of two; one of many, or all).
// Constants: ROWS, COLUMNS, LANES, SPARSE (else one-hot). Shared: `lane_values`, a number each.

fn largest_output(row: u32) -> i32 {
  var best = outputs[row * COLUMNS];
  var place = 0;
  for (var column = 1; column < COLUMNS; column++) {
    let value = outputs[row * COLUMNS + u32(column)];
    if (value > best) {
      best = value;
      place = column;
    }
  }
  return place;
}

fn largest_label(row: u32) -> i32 {
  if (SPARSE) { return i32(labels[row]); }
  var best = labels[row * COLUMNS];
  var place = 0;
  for (var column = 1; column < COLUMNS; column++) {
    let value = labels[row * COLUMNS + u32(column)];
    if (value > best) {
      best = value;
      place = column;
    }
  }
  return place;
}

fn work(group: u32, lane: u32) {
  var count = 0.0;
  if (lane < LANES) {
    for (var row = lane; row < ROWS; row += LANES) {
      count += select(0.0, 1.0, largest_output(row) == largest_label(row));
    }
  }
  if (LANES > 1) {
    lane_values[lane] = count;
    workgroupBarrier();
    for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
      if (lane < half) { lane_values[lane] += lane_values[lane + half]; }
      workgroupBarrier();
    }
    count = lane_values[lane];
  }
  if (lane == 0u) { result[0] = Element(count); }
}
