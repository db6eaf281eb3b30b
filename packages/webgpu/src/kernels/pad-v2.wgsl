// The input inside a frame of one value. `Element` is prepended.
// Constants: LENGTH, X_OUTER, X_INNER (strides), BEFORE_*, INPUT_* (extents), VALUE_BITS.

fn make(index: u32) {
  // A variable: as a constant expression an infinite value would be an error.
  var bits = u32(VALUE_BITS);
  let at = coordinates(index);
  // Unsigned: a coordinate in the frame before the input wraps to a large number.
  let outer = at.outer - BEFORE_OUTER;
  let inner = at.inner - BEFORE_INNER;
  if (all(outer < INPUT_OUTER) && all(inner < INPUT_INNER)) {
    result[index] = x[dot(outer, X_OUTER) + dot(inner, X_INNER)];
  } else {
    result[index] = bitcast<Element>(bits);
  }
}
