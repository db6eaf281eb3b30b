// The step's row of the schedule, NaN where there is none. Constants: LENGTH (numbers in a row), ROWS.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {
    let row = i32(step_number()) - epoch_start[0];
    if (row >= 0 && row < ROWS) {
      result[index] = schedule[u32(row) * LENGTH + index];
    } else {
      result[index] = nan();
    }
  }
}
