// Rows of values, of which some are reduced. Constants: ROWS, COLUMNS, LANES, GROUP_ROWS.
// Prepended: `make_row`, which makes what is asked of a row; all lanes of a row call it, also beyond the last row.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = flat_workgroup(group) * GROUP_ROWS + lane / LANES;
  make_row(min(row, u32(ROWS) - 1u), lane, row < ROWS);
}
