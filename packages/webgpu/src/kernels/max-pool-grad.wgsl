// dy of a window goes to its first maximum in row order. Each input cell asks the windows that cover
// it whether it is that cell. Constants: LENGTH (of x) and the window's.

fn is_winner(value: f32, best: f32) -> bool {
  return value == best || (is_nan(value) && is_nan(best));
}

// True if a cell of the window before (line, column) in row order has the window's maximum too.
fn has_earlier_winner(at: Cell, top: i32, left: i32, line: i32, column: i32, best: f32) -> bool {
  for (var other = max(top, 0); other <= line; other++) {
    for (var across = max(left, 0); across < min(left + FILTER_WIDTH, INPUT_WIDTH); across++) {
      if (other == line && across >= column) { break; }
      if (is_winner(x[input_index(at, other, across)], best)) { return true; }
    }
  }
  return false;
}

fn make(index: u32) {
  let at = input_cell(index);
  let value = x[index];
  var sum = 0.0;
  let last_line = min((at.line + PAD_TOP) / STRIDE_HEIGHT, OUTPUT_HEIGHT - 1);
  let last_column = min((at.column + PAD_LEFT) / STRIDE_WIDTH, OUTPUT_WIDTH - 1);
  for (var line = first_window(at.line + PAD_TOP, FILTER_HEIGHT, STRIDE_HEIGHT); line <= last_line; line++) {
    for (var column = first_window(at.column + PAD_LEFT, FILTER_WIDTH, STRIDE_WIDTH); column <= last_column; column++) {
      let window = output_index(at, line, column);
      let best = y[window];
      if (is_winner(value, best)) {
        let top = line * STRIDE_HEIGHT - PAD_TOP;
        let left = column * STRIDE_WIDTH - PAD_LEFT;
        if (!has_earlier_winner(at, top, left, at.line, at.column, best)) { sum += dy[window]; }
      }
    }
  }
  result[index] = sum;
}
