// Copies one input of a Concat to its columns of the result, seen as a matrix.
// Constants: LENGTH (of the input), INPUT_COLUMNS, RESULT_COLUMNS, FIRST_COLUMN.

fn make(index: u32) {
  let row = index / INPUT_COLUMNS;
  result[row * RESULT_COLUMNS + FIRST_COLUMN + index % INPUT_COLUMNS] = x[index];
}
