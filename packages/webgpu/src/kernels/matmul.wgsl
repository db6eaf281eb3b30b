// BatchMatMul and _FusedMatMul: the places of A and B for library/gemm.wgsl.
// Constants: those of gemm.wgsl, BATCHES, A_BATCH, B_BATCH (elements from one matrix to the next, 0 to
// reuse it), and the distances A_ROW, A_TERM, B_TERM, B_COLUMN of neighbours.

alias RowOfA = u32;
alias ColumnOfB = u32;

fn row_of_a(batch: u32, row: u32) -> RowOfA {
  return batch * A_BATCH + row * A_ROW;
}

fn column_of_b(batch: u32, column: u32) -> ColumnOfB {
  return batch * B_BATCH + column * B_COLUMN;
}

fn term_of_a(term: u32) -> u32 {
  return term * A_TERM;
}

fn term_of_b(term: u32) -> u32 {
  return term * B_TERM;
}

fn load_a(row: RowOfA, term: u32) -> f32 {
  return a[row + term];
}

fn load_b(term: u32, column: ColumnOfB) -> f32 {
  return b[term + column];
}
