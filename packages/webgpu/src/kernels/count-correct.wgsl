// Counts right answers in one workgroup. Constants: ROWS, COLUMNS, LANES (a power of two), SPARSE (else one-hot).

const WORKGROUP = LANES;
var<workgroup> counts: array<f32, WORKGROUP>;

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

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  var count = 0.0;
  for (var row = lane; row < ROWS; row += WORKGROUP) {
    count += select(0.0, 1.0, largest_output(row) == largest_label(row));
  }
  if (LANES == 1) {
    result[0] = Element(count);
    return;
  }
  counts[lane] = count;
  workgroupBarrier();
  for (var half = u32(WORKGROUP) / 2u; half > 0u; half /= 2u) {
    if (lane < half) { counts[lane] += counts[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { result[0] = Element(counts[0]); }
}
