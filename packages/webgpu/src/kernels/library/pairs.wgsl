// Functions of two numbers.

// The builtin is undefined for negative bases and loses digits: whole exponents are multiplied out.
fn power(base: f32, exponent: f32) -> f32 {
  if (exponent == 0.0) { return 1.0; }
  if (is_nan(base) || is_nan(exponent)) { return nan(); }
  let whole = exponent == floor(exponent);
  if (whole && abs(exponent) <= 64.0) {
    var rest = u32(abs(exponent));
    var square = base;
    var product = 1.0;
    while (rest > 0u) {
      if ((rest & 1u) == 1u) { product *= square; }
      square *= square;
      rest = rest >> 1u;
    }
    return select(product, 1.0 / product, exponent < 0.0);
  }
  if (exponent == 0.5) { return sqrt(base); }
  if (base == 0.0) { return select(from_bits(0x7f800000u), 0.0, exponent > 0.0); }
  if (base < 0.0 && !whole) { return nan(); }
  let size = pow(abs(base), exponent);
  let odd = whole && floor(exponent * 0.5) * 2.0 != exponent;
  return select(size, -size, base < 0.0 && odd);
}

fn squared_difference(a: f32, b: f32) -> f32 {
  let difference = a - b;
  return difference * difference;
}

fn elu_gradient(dy: f32, y: f32) -> f32 {
  return select(dy * (y + 1.0), dy, y >= 0.0);
}
