// BatchMatMul and _FusedMatMul: the places of A and B for library/gemm-*.wgsl.
// Constants: those of the loop, A_BATCH, B_BATCH (elements from one matrix to the next, 0 to reuse it),
// and the distances A_ROW, A_TERM, B_TERM, B_COLUMN of neighbours.

alias RowOfA = u32;
alias TermOfA = u32;
alias TermOfB = u32;
alias ColumnOfB = u32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  return batch * A_BATCH + row * A_ROW;
}

fn term_of_a(term: u32) -> TermOfA {
  return term * A_TERM;
}

fn next_of_a(term: TermOfA) -> TermOfA {
  return term + A_TERM;
}

fn load_a(row: RowOfA, term: TermOfA) -> f32 {
  return a[row + term];
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return batch * B_BATCH + column * B_COLUMN;
}

fn term_of_b(term: u32) -> TermOfB {
  return term * B_TERM;
}

fn next_of_b(term: TermOfB) -> TermOfB {
  return term + B_TERM;
}

fn load_b(term: TermOfB, column: ColumnOfB) -> f32 {
  return b[term + column];
}
