// The input repeated along its axes.
// Constants: LENGTH, X_OUTER, X_INNER (strides), INPUT_OUTER, INPUT_INNER (extents).

fn make(index: u32) {
  let at = coordinates(index);
  result[index] = x[dot(at.outer % INPUT_OUTER, X_OUTER) + dot(at.inner % INPUT_INNER, X_INNER)];
}
