// Every element is one value. Constants: LENGTH, VALUE_BITS; `Element` is prepended.

fn make(index: u32) {
  // A variable: as a constant expression an infinite value would be an error.
  var bits = u32(VALUE_BITS);
  result[index] = bitcast<Element>(bits);
}
