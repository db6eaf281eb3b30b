// Reduces a row of a matrix with LANES invocations, GROUP_ROWS rows to a workgroup, in a fixed order.
// Constants: LANES (a power of two), GROUP_ROWS.

const WORKGROUP = LANES * GROUP_ROWS;
var<workgroup> row_values: array<f32, WORKGROUP>;

fn row_maximum(lane: u32, own: f32) -> f32 {
  if (LANES == 1) { return own; }
  row_values[lane] = own;
  workgroupBarrier();
  for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
    if (lane % LANES < half) { row_values[lane] = maximum(row_values[lane], row_values[lane + half]); }
    workgroupBarrier();
  }
  let result = row_values[lane - lane % LANES];
  workgroupBarrier();
  return result;
}

fn row_sum(lane: u32, own: f32) -> f32 {
  if (LANES == 1) { return own; }
  row_values[lane] = own;
  workgroupBarrier();
  for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
    if (lane % LANES < half) { row_values[lane] += row_values[lane + half]; }
    workgroupBarrier();
  }
  let result = row_values[lane - lane % LANES];
  workgroupBarrier();
  return result;
}
