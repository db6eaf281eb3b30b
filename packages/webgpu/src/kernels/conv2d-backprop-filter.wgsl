// Conv2DBackpropFilter as a product: rows are (filter row, filter column, input channel), terms output
// positions of the whole batch, columns output channels. For library/gemm-*.wgsl. The sum is long and
// the result small, so it runs in parts, as many as the shapes say.
// Constants: those of the loop and of the window; PADDED.

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

alias TermOfB = u32;
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
  let image = i32(term / (OUTPUT_WIDTH * OUTPUT_HEIGHT));
  let line = i32(term / OUTPUT_WIDTH % OUTPUT_HEIGHT);
  let column = i32(term % OUTPUT_WIDTH);
  return TermOfA(image * NEXT_IMAGE + line * NEXT_LINE + column * NEXT_COLUMN, line, column);
}

fn next_of_a(term: TermOfA) -> TermOfA {
  var next = term;
  next.column += 1;
  next.place += NEXT_COLUMN;
  if (next.column == OUTPUT_WIDTH) {
    next.column = 0;
    next.line += 1;
    next.place += NEXT_LINE - OUTPUT_WIDTH * NEXT_COLUMN;
    if (next.line == OUTPUT_HEIGHT) {
      next.line = 0;
      next.place += NEXT_IMAGE - OUTPUT_HEIGHT * NEXT_LINE;
    }
  }
  return next;
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

fn term_of_b(term: u32) -> TermOfB {
  return term * OUTPUT_CHANNELS;
}

fn next_of_b(term: TermOfB) -> TermOfB {
  return term + OUTPUT_CHANNELS;
}

fn load_b(term: TermOfB, column: ColumnOfB) -> f32 {
  return dy[term + column];
}
