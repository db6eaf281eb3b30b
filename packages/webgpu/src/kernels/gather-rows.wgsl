// A batch of rows of a column of the data set, in the epoch's order. Bytes lie four to a word.
// Constants: LENGTH, ROW_LENGTH, STRIDE, SCALE, OFFSET, BYTES. Prepended: `source_row` and `convert`.

fn make(index: u32) {
  let row = source_row(index / ROW_LENGTH);
  let source = row * ROW_LENGTH + index % ROW_LENGTH;
  if (BYTES) {
    result[index] = convert((bitcast<u32>(column[source / 4u]) >> ((source % 4u) * 8u)) & 0xffu);
  } else {
    result[index] = convert(bitcast<u32>(column[source]));
  }
}
