// Sums of columns of values that are made on the way. A workgroup takes COLUMNS columns with LANES invocations each; part p
// of PARTS takes rows p * PART_DEPTH and on. Lanes take rows in turn and meet in a tree: the order is fixed. Shared: `lane_values`, a number each.
// Constants: OUTPUTS, DEPTH, COLUMNS, LANES (a power of two), COLUMN_GROUPS, PARTS, PART_DEPTH, SUMS.
// Prepended: `Totals`, SUMS numbers; `add_row`, which adds a row's values of a column; `finish`, which takes a column's sums.

fn work(group: u32, index: u32) {
  let part = group / COLUMN_GROUPS;
  let column = (group % COLUMN_GROUPS) * COLUMNS + index % COLUMNS;
  let lane = index / COLUMNS;
  let end = min(u32(DEPTH), (part + 1u) * PART_DEPTH);
  let inside = column < OUTPUTS;
  var totals = Totals();
  if (inside) {
    for (var row = part * PART_DEPTH + lane; row < end; row += LANES) {
      add_row(row, column, &totals);
    }
  }
  if (LANES > 1) {
    for (var at = 0u; at < SUMS; at += 1u) {
      lane_values[index] = totals[at];
      workgroupBarrier();
      for (var half = u32(LANES) / 2u; half > 0u; half /= 2u) {
        if (lane < half) { lane_values[index] += lane_values[index + half * COLUMNS]; }
        workgroupBarrier();
      }
      totals[at] = lane_values[index];
      workgroupBarrier();
    }
  }
  if (inside && lane == 0u && part < PARTS) { finish(part, column, totals); }
}
