// Functions of one number that keep NaN, and the digits that builtins lose.

fn sign_of(x: f32) -> f32 {
  return select(sign(x), x, is_nan(x));
}

// exp(x) - 1; the series keeps the digits that the subtraction would lose.
fn exponential_minus_one(x: f32) -> f32 {
  let series = x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x / 120.0))));
  return select(exp(x) - 1.0, series, abs(x) < 0.1);
}

fn elu(x: f32) -> f32 {
  return select(exponential_minus_one(x), x, x >= 0.0 || is_nan(x));
}

fn selu(x: f32) -> f32 {
  return 1.0507009873554805
    * select(1.6732632423543772 * exponential_minus_one(x), x, x >= 0.0 || is_nan(x));
}

// The builtin overflows in some drivers and loses small arguments. Below 0.625: the polynomial of
// Cephes' tanhf (Moshier, "Methods and Programs for Mathematical Functions", 1989).
fn hyperbolic_tangent(x: f32) -> f32 {
  let size = min(abs(x), 10.0);
  let square = x * x;
  let small = x + x * square * (-3.33332819422e-1 + square * (1.33314422036e-1
    + square * (-5.37397155531e-2 + square * (2.06390887954e-2 - 5.70498872745e-3 * square))));
  let large = sign(x) * (1.0 - 2.0 / (exp(2.0 * size) + 1.0));
  return select(select(large, small, size < 0.625), x, is_nan(x));
}

fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(select(e, 1.0, x >= 0.0) / (1.0 + e), x, is_nan(x));
}

// log(1 + exp x) as max(x, 0) + log(1 + e), e = exp(-|x|); a series where 1 + e rounds e away.
fn softplus(x: f32) -> f32 {
  let e = exp(-abs(x));
  let tail = select(log(1.0 + e), e * (1.0 - e * (0.5 - e / 3.0)), e < 0.01);
  return select(max(x, 0.0) + tail, x, is_nan(x));
}

// Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7.
fn error_function(x: f32) -> f32 {
  let size = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * size);
  let polynomial = t * (0.254829592
    + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return select(sign(x) * (1.0 - polynomial * exp(-size * size)), x, is_nan(x));
}
