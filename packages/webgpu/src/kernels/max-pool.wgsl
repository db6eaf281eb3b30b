// Largest cell of each window; padding never wins. Constants: LENGTH and the window's.

fn make(index: u32) {
  let at = output_cell(index);
  var best = 0.0;
  var found = false;
  for (var i = 0; i < FILTER_HEIGHT; i++) {
    let line = at.line * STRIDE_HEIGHT - PAD_TOP + i;
    for (var j = 0; j < FILTER_WIDTH; j++) {
      let column = at.column * STRIDE_WIDTH - PAD_LEFT + j;
      if (u32(line) < INPUT_HEIGHT && u32(column) < INPUT_WIDTH) {
        let value = x[input_index(at, line, column)];
        best = select(value, maximum(best, value), found);
        found = true;
      }
    }
  }
  result[index] = best;
}
