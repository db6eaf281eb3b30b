// Conv2DBackpropInput as a product: rows are input positions, terms (filter row, filter column, output
// channel), columns input channels. For library/gemm-*.wgsl with library/taps.wgsl, and with dense-gradient.wgsl
// or winners-gradient.wgsl, which say what the gradient is at an output position.
// Constants: those of the loop and of the window; STRIDED; CHANNELS is OUTPUT_CHANNELS.

struct RowOfA {
  image: i32,
  line: i32,
  column: i32,
}

alias TermOfA = Tap;
// A place in the filter [filter cell, input channel, output channel], and the channel it stands at.
alias TermOfB = vec2<i32>;
alias ColumnOfB = i32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  return RowOfA(
    i32(row / (INPUT_WIDTH * INPUT_HEIGHT)) * GRADIENT_LINES,
    i32(row / INPUT_WIDTH % INPUT_HEIGHT) + PAD_TOP,
    i32(row % INPUT_WIDTH) + PAD_LEFT,
  );
}

fn term_of_a(term: u32) -> TermOfA {
  return tap_of(term);
}

fn next_of_a(term: TermOfA) -> TermOfA {
  return next_tap(term);
}

fn load_a(row: RowOfA, term: TermOfA) -> f32 {
  let down = row.line - term.down;
  let across = row.column - term.across;
  var line = down;
  var column = across;
  var inside = true;
  if (STRIDED) {
    line = down / STRIDE_HEIGHT;
    column = across / STRIDE_WIDTH;
    inside = down >= 0 && across >= 0 && down == line * STRIDE_HEIGHT && across == column * STRIDE_WIDTH;
  }
  inside = inside && u32(line) < GRADIENT_HEIGHT && u32(column) < GRADIENT_WIDTH;
  return select(0.0, gradient_at(row.image, line, column, term.channel), inside);
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return i32(column) * OUTPUT_CHANNELS;
}

fn term_of_b(term: u32) -> TermOfB {
  let channel = i32(term % OUTPUT_CHANNELS);
  return vec2<i32>(i32(term / OUTPUT_CHANNELS) * (INPUT_CHANNELS * OUTPUT_CHANNELS) + channel, channel);
}

fn next_of_b(term: TermOfB) -> TermOfB {
  if (term.y + 1 < OUTPUT_CHANNELS) { return term + vec2<i32>(1, 1); }
  return vec2<i32>(term.x + 1 + (INPUT_CHANNELS - 1) * OUTPUT_CHANNELS, 0);
}

fn load_b(term: TermOfB, column: ColumnOfB) -> f32 {
  return filters[term.x + column];
}
