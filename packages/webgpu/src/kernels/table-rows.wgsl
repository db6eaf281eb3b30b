// Rows of a table by number. Constants: LENGTH, ROW_LENGTH, ROWS, OUTSIDE_BITS.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let row = u32(indices[index / ROW_LENGTH]);
    if (row < ROWS) {
      result[index] = table[row * ROW_LENGTH + index % ROW_LENGTH];
    } else {
      result[index] = from_bits(OUTSIDE_BITS);
    }
  }
}
