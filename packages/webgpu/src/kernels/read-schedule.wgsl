// The step's row of the schedule, NaN where there is none. Constants: LENGTH (numbers in a row), ROWS.

fn make(index: u32) {
  let row = i32(step_number()) - epoch_start[0];
  if (row >= 0 && row < ROWS) {
    result[index] = schedule[u32(row) * LENGTH + index];
  } else {
    result[index] = nan();
  }
}
