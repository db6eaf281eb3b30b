// Conv2D and FusedConv2D as a product: rows are output positions, terms (filter row, filter column,
// input channel), columns output channels. For library/gemm-*.wgsl with
// library/taps.wgsl, and with positions.wgsl or pooled-positions.wgsl, which say which position a row is.
// Constants: those of the loop and of the window; PADDED; CHANNELS is INPUT_CHANNELS.

struct RowOfA {
  place: i32,
  top: i32,
  left: i32,
}

alias TermOfA = Tap;
alias TermOfB = u32;
alias ColumnOfB = u32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  let at = position(row);
  let top = at.y * STRIDE_HEIGHT - PAD_TOP;
  let left = at.z * STRIDE_WIDTH - PAD_LEFT;
  return RowOfA(((at.x * INPUT_HEIGHT + top) * INPUT_WIDTH + left) * INPUT_CHANNELS, top, left);
}

fn term_of_a(term: u32) -> TermOfA {
  return tap_of(term);
}

fn next_of_a(term: TermOfA) -> TermOfA {
  return next_tap(term);
}

fn load_a(row: RowOfA, term: TermOfA) -> f32 {
  let value = x[row.place + (term.down * INPUT_WIDTH + term.across) * INPUT_CHANNELS + term.channel];
  if (!PADDED) { return value; }
  let inside = u32(row.top + term.down) < INPUT_HEIGHT && u32(row.left + term.across) < INPUT_WIDTH;
  return select(0.0, value, inside);
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return column;
}

fn term_of_b(term: u32) -> TermOfB {
  return term * OUTPUT_CHANNELS;
}

fn next_of_b(term: TermOfB) -> TermOfB {
  return term + OUTPUT_CHANNELS;
}

fn load_b(term: TermOfB, column: ColumnOfB) -> f32 {
  return filters[term + column];
}
