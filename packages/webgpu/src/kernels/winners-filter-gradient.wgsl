// FusedConv2DMaxPoolBackpropFilter as a product whose terms are the output positions of the whole batch, pool window by
// pool window: the gradient of a window counts at the position that won it. For library/gemm-*.wgsl with
// library/filter-gradient.wgsl and library/pooled-positions.wgsl. Constants: those of the loop and of the window.

// A window's gradients in `dy`, and which of its positions this is.
struct TermOfB {
  place: u32,
  corner: i32,
}

fn next_of_a(term: TermOfA) -> TermOfA {
  var next = term;
  if (term.column % 2 == 0) {
    next.column += 1;
    next.place += NEXT_COLUMN;
    return next;
  }
  if (term.line % 2 == 0) {
    next.line += 1;
    next.column -= 1;
    next.place += NEXT_LINE - NEXT_COLUMN;
    return next;
  }
  next.line -= 1;
  next.column += 1;
  next.place += NEXT_COLUMN - NEXT_LINE;
  if (next.column == 2 * POOLED_WIDTH) {
    next.column = 0;
    next.line += 2;
    next.place += 2 * NEXT_LINE - 2 * POOLED_WIDTH * NEXT_COLUMN;
    if (next.line == 2 * POOLED_HEIGHT) {
      next.line = 0;
      next.place += NEXT_IMAGE - 2 * POOLED_HEIGHT * NEXT_LINE;
    }
  }
  return next;
}

fn term_of_b(term: u32) -> TermOfB {
  return TermOfB(term / 4u * OUTPUT_CHANNELS, i32(term % 4u));
}

fn next_of_b(term: TermOfB) -> TermOfB {
  if (term.corner < 3) { return TermOfB(term.place, term.corner + 1); }
  return TermOfB(term.place + OUTPUT_CHANNELS, 0);
}

fn load_b(term: TermOfB, column: ColumnOfB) -> f32 {
  let at = term.place + column;
  return select(0.0, dy[at], winners[at] == term.corner);
}
