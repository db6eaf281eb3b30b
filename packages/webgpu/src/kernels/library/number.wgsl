// NaN by its bits: a WGSL compiler may assume that no float is NaN, so comparisons cannot find one.

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// A constant expression that gives NaN or infinity is an error; a variable's bits are not.
fn from_bits(bits: u32) -> f32 {
  var held = bits;
  return bitcast<f32>(held);
}

fn nan() -> f32 {
  return from_bits(0x7fc00000u);
}

fn maximum(a: f32, b: f32) -> f32 {
  return select(select(b, a, a > b || is_nan(a)), b, is_nan(b));
}

fn minimum(a: f32, b: f32) -> f32 {
  return select(select(b, a, a < b || is_nan(a)), b, is_nan(b));
}

fn relu(x: f32) -> f32 {
  return select(0.0, x, x > 0.0 || is_nan(x));
}

// Some drivers turn NaN into infinity here.
fn exponential(x: f32) -> f32 {
  return select(exp(x), x, is_nan(x));
}

// The builtin need not give NaN below zero, nor keep it.
fn logarithm(x: f32) -> f32 {
  if (is_nan(x) || x < 0.0) { return nan(); }
  if (x == 0.0) { return from_bits(0xff800000u); }
  return log(x);
}

fn square_root(x: f32) -> f32 {
  if (is_nan(x) || x < 0.0) { return nan(); }
  return sqrt(x);
}
