// Constants: LENGTH.

fn make(index: u32) {
  result[index] = x[index];
}
