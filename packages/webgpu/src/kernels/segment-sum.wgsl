// Where a chain of rows begins, its sum, in the order of the rows; one invocation a column.
// Constants: LENGTH, ROW_LENGTH, ROWS, LINKS (where the links begin), SUMS (where the blocks' sums do). Prepended: `term`
// and `store_sum`.

fn make(index: u32) {
  let row = index / ROW_LENGTH;
  let column = index % ROW_LENGTH;
  var link = links[LINKS + row];
  if (link > 0.0) {
    var sum = term(index);
    for (var next = u32(link) - 1u; next < ROWS; next = u32(-link) - 1u) {
      sum += term(next * ROW_LENGTH + column);
      link = links[LINKS + next];
    }
    store_sum(row, column, sum);
  }
}
