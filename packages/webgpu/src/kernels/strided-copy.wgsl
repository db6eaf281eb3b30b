// Transpose and Slice: the result's coordinates address the input through strides of their own.
// Constants: LENGTH, X_OUTER, X_INNER, X_BASE.

fn make(index: u32) {
  let at = coordinates(index);
  result[index] = x[X_BASE + dot(at.outer, X_OUTER) + dot(at.inner, X_INNER)];
}
