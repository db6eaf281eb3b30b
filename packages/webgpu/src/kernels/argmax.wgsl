// Index of the first maximum of each row; one invocation a row. Constants: ROWS, COLUMNS.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = flat_index(group, lane);
  if (row < ROWS) {
    let base = row * COLUMNS;
    var best = x[base];
    var place = 0u;
    for (var column = 1u; column < COLUMNS; column++) {
      let value = x[base + column];
      if (value > best) {
        best = value;
        place = column;
      }
    }
    result[row] = i32(place);
  }
}
