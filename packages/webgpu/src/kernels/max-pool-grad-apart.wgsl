// MaxPoolGrad for windows that do not overlap and have no padding: one invocation a window looks at its
// cells once, and writes the zeros between windows and beyond the last one too.
// Constants: LENGTH (BLOCK_ROWS * BLOCK_COLUMNS a channel and image) and the window's.

fn is_winner(value: f32, best: f32) -> bool {
  return value == best || (is_nan(value) && is_nan(best));
}

fn make(index: u32) {
  let place = index / INPUT_CHANNELS;
  let at = Cell(
    i32(place / (BLOCK_ROWS * BLOCK_COLUMNS)),
    i32(place / BLOCK_COLUMNS % BLOCK_ROWS),
    i32(place % BLOCK_COLUMNS),
    i32(index % INPUT_CHANNELS),
  );
  var open = at.line < OUTPUT_HEIGHT && at.column < OUTPUT_WIDTH;
  let window = output_index(at, min(at.line, OUTPUT_HEIGHT - 1), min(at.column, OUTPUT_WIDTH - 1));
  let best = y[window];
  let gradient = dy[window];
  for (var i = 0; i < STRIDE_HEIGHT; i++) {
    for (var j = 0; j < STRIDE_WIDTH; j++) {
      let line = at.line * STRIDE_HEIGHT + i;
      let column = at.column * STRIDE_WIDTH + j;
      if (line < INPUT_HEIGHT && column < INPUT_WIDTH) {
        let cell = input_index(at, line, column);
        let wins = open && i < FILTER_HEIGHT && j < FILTER_WIDTH && is_winner(x[cell], best);
        result[cell] = select(0.0, gradient, wins);
        open = open && !wins;
      }
    }
  }
}
