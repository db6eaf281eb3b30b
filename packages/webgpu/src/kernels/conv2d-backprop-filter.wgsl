// Conv2DBackpropFilter as a product whose terms are the output positions of the whole batch. For library/gemm-*.wgsl
// with library/filter-gradient.wgsl and positions.wgsl. The sum is long and the result small, so it runs in
// parts, as many as the shapes say. Constants: those of the loop and of the window.

alias TermOfB = u32;

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

fn term_of_b(term: u32) -> TermOfB {
  return term * OUTPUT_CHANNELS;
}

fn next_of_b(term: TermOfB) -> TermOfB {
  return term + OUTPUT_CHANNELS;
}

fn load_b(term: TermOfB, column: ColumnOfB) -> f32 {
  return dy[term + column];
}
