// Sum, maximum or minimum over the middle one of three extents. A workgroup makes COLUMNS results
// with LANES invocations each; part p of PARTS takes terms p * PART_DEPTH and on, and a second
// dispatch reduces the parts. Lanes take terms in turn and meet in a tree: the order is fixed.
// Constants: OUTPUTS, DEPTH, INNER, COLUMNS, LANES (a power of two), COLUMN_GROUPS, PARTS, PART_DEPTH.
// Prepended: `combine`, and `term` and `finish` around it. Shared: `lane_values`, a number each.

fn sum(a: f32, b: f32) -> f32 {
  return a + b;
}

fn work(group: u32, index: u32) {
  let part = group / COLUMN_GROUPS;
  let output = (group % COLUMN_GROUPS) * COLUMNS + index % COLUMNS;
  let lane = index / COLUMNS;
  let end = min(u32(DEPTH), (part + 1u) * PART_DEPTH);
  let first = part * PART_DEPTH + lane;
  let base = (output / INNER) * (DEPTH * INNER) + output % INNER;
  let inside = output < OUTPUTS;
  // A lane without terms repeats the part's first, unless it adds.
  var value = 0.0;
  if (inside && (!IS_SUM || first < end)) {
    value = term(x[base + select(part * PART_DEPTH, first, first < end) * INNER]);
    for (var row = first + LANES; row < end; row += LANES) {
      value = combine(value, term(x[base + row * INNER]));
    }
  }
  if (LANES > 1) {
    lane_values[index] = value;
    workgroupBarrier();
    for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
      if (lane < half) {
        lane_values[index] = combine(lane_values[index], lane_values[index + half * COLUMNS]);
      }
      workgroupBarrier();
    }
    value = lane_values[index];
  }
  if (inside && lane == 0u && part < PARTS) {
    result[part * OUTPUTS + output] = finish(value);
  }
}
