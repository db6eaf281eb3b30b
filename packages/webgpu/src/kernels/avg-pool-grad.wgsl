// Each input cell takes its share of dy from every window that covers it.
// Constants: LENGTH (of the result) and the window's.

fn make(index: u32) {
  let at = input_cell(index);
  var sum = 0.0;
  let last_line = min((at.line + PAD_TOP) / STRIDE_HEIGHT, OUTPUT_HEIGHT - 1);
  let last_column = min((at.column + PAD_LEFT) / STRIDE_WIDTH, OUTPUT_WIDTH - 1);
  for (var line = first_window(at.line + PAD_TOP, FILTER_HEIGHT, STRIDE_HEIGHT); line <= last_line; line++) {
    for (var column = first_window(at.column + PAD_LEFT, FILTER_WIDTH, STRIDE_WIDTH); column <= last_column; column++) {
      sum += dy[output_index(at, line, column)] / cells_of(line, column);
    }
  }
  result[index] = sum;
}
