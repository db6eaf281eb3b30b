// Conv2DBackpropInput as a product: rows are input positions, terms (filter row, filter column, output
// channel), columns input channels. For library/gemm.wgsl.
// Constants: those of gemm.wgsl and of the window.

struct RowOfA {
  base: i32,
  line: i32,
  column: i32,
}

struct Term {
  row: i32,
  column: i32,
  channel: i32,
}

alias ColumnOfB = i32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  let column = i32(row % INPUT_WIDTH);
  let line = i32(row / INPUT_WIDTH % INPUT_HEIGHT);
  let image = i32(row / (INPUT_WIDTH * INPUT_HEIGHT));
  return RowOfA(
    image * (OUTPUT_HEIGHT * OUTPUT_WIDTH * OUTPUT_CHANNELS),
    line + PAD_TOP,
    column + PAD_LEFT,
  );
}

fn term_of_a(term: u32) -> Term {
  let tap = i32(term / OUTPUT_CHANNELS);
  return Term(
    tap / FILTER_WIDTH * DILATION_HEIGHT,
    tap % FILTER_WIDTH * DILATION_WIDTH,
    i32(term % OUTPUT_CHANNELS),
  );
}

fn load_a(row: RowOfA, term: Term) -> f32 {
  let down = row.line - term.row;
  let across = row.column - term.column;
  if (down < 0 || across < 0) { return 0.0; }
  if (down % STRIDE_HEIGHT != 0 || across % STRIDE_WIDTH != 0) { return 0.0; }
  let line = down / STRIDE_HEIGHT;
  let column = across / STRIDE_WIDTH;
  if (line >= OUTPUT_HEIGHT || column >= OUTPUT_WIDTH) { return 0.0; }
  return dy[row.base + (line * OUTPUT_WIDTH + column) * OUTPUT_CHANNELS + term.channel];
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return i32(column) * OUTPUT_CHANNELS;
}

// filters[tap, input channel, output channel]
fn term_of_b(term: u32) -> i32 {
  let tap = i32(term / OUTPUT_CHANNELS);
  return tap * (INPUT_CHANNELS * OUTPUT_CHANNELS) + i32(term % OUTPUT_CHANNELS);
}

fn load_b(term: i32, column: ColumnOfB) -> f32 {
  return filters[term + column];
}
