// Conv2DBackpropFilter as a product: rows are (filter row, filter column, input channel), terms output
// positions of the whole batch, columns output channels. For library/gemm.wgsl. The sum is long and the
// result small, so it always runs in parts, as many as the shapes say.
// Constants: those of gemm.wgsl and of the window; PADDED.

struct RowOfA {
  row: i32,
  column: i32,
  channel: i32,
}

struct Term {
  base: i32,
  top: i32,
  left: i32,
}

alias ColumnOfB = u32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  let tap = i32(row / INPUT_CHANNELS);
  return RowOfA(
    tap / FILTER_WIDTH * DILATION_HEIGHT,
    tap % FILTER_WIDTH * DILATION_WIDTH,
    i32(row % INPUT_CHANNELS),
  );
}

fn term_of_a(term: u32) -> Term {
  let column = i32(term % OUTPUT_WIDTH);
  let line = i32(term / OUTPUT_WIDTH % OUTPUT_HEIGHT);
  let image = i32(term / (OUTPUT_WIDTH * OUTPUT_HEIGHT));
  return Term(
    image * (INPUT_HEIGHT * INPUT_WIDTH * INPUT_CHANNELS),
    line * STRIDE_HEIGHT - PAD_TOP,
    column * STRIDE_WIDTH - PAD_LEFT,
  );
}

fn load_a(row: RowOfA, term: Term) -> f32 {
  let line = term.top + row.row;
  let column = term.left + row.column;
  if (PADDED && (u32(line) >= INPUT_HEIGHT || u32(column) >= INPUT_WIDTH)) { return 0.0; }
  return x[term.base + (line * INPUT_WIDTH + column) * INPUT_CHANNELS + row.channel];
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return column;
}

fn term_of_b(term: u32) -> u32 {
  return term * OUTPUT_CHANNELS;
}

fn load_b(term: u32, column: ColumnOfB) -> f32 {
  return dy[term + column];
}
