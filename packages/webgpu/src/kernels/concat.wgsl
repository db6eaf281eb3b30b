// Copies one input of a Concat to its columns of the result, seen as a matrix.
// Constants: LENGTH (of the input), INPUT_COLUMNS, RESULT_COLUMNS, FIRST_COLUMN.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let row = index / INPUT_COLUMNS;
    result[row * RESULT_COLUMNS + FIRST_COLUMN + index % INPUT_COLUMNS] = x[index];
  }
}
