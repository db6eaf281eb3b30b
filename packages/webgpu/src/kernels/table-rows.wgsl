// Rows of a table by number. Constants: LENGTH, ROW_LENGTH, ROWS, OUTSIDE_BITS.

fn make(index: u32) {
  let row = u32(indices[index / ROW_LENGTH]);
  if (row < ROWS) {
    result[index] = table[row * ROW_LENGTH + index % ROW_LENGTH];
  } else {
    result[index] = from_bits(OUTSIDE_BITS);
  }
}
