// What the gradients of a convolution's filter have in common, alone and behind a pool, as products: rows are
// (filter row, filter column, input channel), columns output channels. `position` says which
// output position a term is. Constants: the window's; PADDED.

struct RowOfA {
  place: i32,
  down: i32,
  across: i32,
}

// The window of an output position: where it lies in the input, and its output row and column.
struct TermOfA {
  place: i32,
  line: i32,
  column: i32,
}

alias ColumnOfB = u32;

const NEXT_COLUMN = STRIDE_WIDTH * INPUT_CHANNELS;
const NEXT_LINE = STRIDE_HEIGHT * INPUT_WIDTH * INPUT_CHANNELS;
const NEXT_IMAGE = INPUT_HEIGHT * INPUT_WIDTH * INPUT_CHANNELS;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  let cell = i32(row / INPUT_CHANNELS);
  let down = cell / FILTER_WIDTH * DILATION_HEIGHT - PAD_TOP;
  let across = cell % FILTER_WIDTH * DILATION_WIDTH - PAD_LEFT;
  let place = (down * INPUT_WIDTH + across) * INPUT_CHANNELS + i32(row % INPUT_CHANNELS);
  return RowOfA(place, down, across);
}

fn term_of_a(term: u32) -> TermOfA {
  let at = position(term);
  return TermOfA(at.x * NEXT_IMAGE + at.y * NEXT_LINE + at.z * NEXT_COLUMN, at.y, at.z);
}

fn load_a(row: RowOfA, term: TermOfA) -> f32 {
  let value = x[row.place + term.place];
  if (!PADDED) { return value; }
  let line = row.down + term.line * STRIDE_HEIGHT;
  let column = row.across + term.column * STRIDE_WIDTH;
  return select(0.0, value, u32(line) < INPUT_HEIGHT && u32(column) < INPUT_WIDTH);
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return column;
}
