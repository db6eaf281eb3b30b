// Reduces a row of a matrix with LANES invocations, GROUP_ROWS rows to a workgroup, in a fixed order.
// Constants: LANES (a power of two), GROUP_ROWS. Shared: `lane_values`, a number each.

fn row_maximum(lane: u32, own: f32) -> f32 {
  if (LANES == 1) { return own; }
  lane_values[lane] = own;
  workgroupBarrier();
  for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
    if (lane % LANES < half) { lane_values[lane] = maximum(lane_values[lane], lane_values[lane + half]); }
    workgroupBarrier();
  }
  let result = lane_values[lane - lane % LANES];
  workgroupBarrier();
  return result;
}

fn row_sum(lane: u32, own: f32) -> f32 {
  if (LANES == 1) { return own; }
  lane_values[lane] = own;
  workgroupBarrier();
  for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
    if (lane % LANES < half) { lane_values[lane] += lane_values[lane + half]; }
    workgroupBarrier();
  }
  let result = lane_values[lane - lane % LANES];
  workgroupBarrier();
  return result;
}
