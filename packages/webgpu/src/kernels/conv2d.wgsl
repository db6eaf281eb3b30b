// Conv2D and FusedConv2D as a product: rows are output positions, terms (filter row, filter column,
// input channel), columns output channels. For library/gemm.wgsl.
// Constants: those of gemm.wgsl and of the window (window-constants.ts); PADDED.

struct RowOfA {
  base: i32,
  top: i32,
  left: i32,
}

struct Term {
  row: i32,
  column: i32,
  channel: i32,
}

alias ColumnOfB = u32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  let column = i32(row % OUTPUT_WIDTH);
  let line = i32(row / OUTPUT_WIDTH % OUTPUT_HEIGHT);
  let image = i32(row / (OUTPUT_WIDTH * OUTPUT_HEIGHT));
  return RowOfA(
    image * (INPUT_HEIGHT * INPUT_WIDTH * INPUT_CHANNELS),
    line * STRIDE_HEIGHT - PAD_TOP,
    column * STRIDE_WIDTH - PAD_LEFT,
  );
}

fn term_of_a(term: u32) -> Term {
  let tap = i32(term / INPUT_CHANNELS);
  return Term(
    tap / FILTER_WIDTH * DILATION_HEIGHT,
    tap % FILTER_WIDTH * DILATION_WIDTH,
    i32(term % INPUT_CHANNELS),
  );
}

fn load_a(row: RowOfA, term: Term) -> f32 {
  let line = row.top + term.row;
  let column = row.left + term.column;
  if (PADDED && (u32(line) >= INPUT_HEIGHT || u32(column) >= INPUT_WIDTH)) { return 0.0; }
  return x[row.base + (line * INPUT_WIDTH + column) * INPUT_CHANNELS + term.channel];
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return column;
}

fn term_of_b(term: u32) -> u32 {
  return term * OUTPUT_CHANNELS;
}

fn load_b(term: u32, column: ColumnOfB) -> f32 {
  return filters[term + column];
}
