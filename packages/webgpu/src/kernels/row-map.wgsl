// Rows of values, of which some are reduced. Constants: ROWS, COLUMNS, LANES, GROUP_ROWS.
// Prepended: `make_row`, which makes what is asked of a row; all lanes of a row call it, also beyond the last row.

fn work(group: u32, lane: u32) {
  let row = group * GROUP_ROWS + lane / LANES;
  make_row(min(row, u32(ROWS) - 1u), lane, row < ROWS);
}
