// Normal numbers from words of 24 bits by the method of Box and Muller.
//
// Logarithm, cosine and sine are our own: WGSL lets the builtins be off by 2^-21 near log 1, where a root follows,
// and by 2^-11 for the other two.

// -2 times the logarithm of (bits + 1) / 2^24: the exponent's, and 2 atanh(s) of a mantissa in [0.707, 1.414).
fn minus_two_log(bits: u32) -> f32 {
  let shifted = bitcast<u32>(f32(bits + 1u) * (1.0 / 16777216.0)) - 0x3f3504f3u;
  let exponent = f32(bitcast<i32>(shifted) >> 23u);
  let rest = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0;
  let s = rest / (rest + 2.0);
  let z = s * s;
  let series = 2.0 + z * (2.0 / 3.0 + z * (0.4 + z * (2.0 / 7.0 + z * (2.0 / 9.0))));
  return -2.0 * (exponent * 0.6931471805599453 + s * series);
}

// Cosine and sine of bits / 2^24 turns. What is left of the nearest quarter is exact and at most an eighth of a turn;
// the polynomials were fitted there by Chebyshev interpolation.
fn cosine_and_sine(bits: u32) -> vec2<f32> {
  let quarter = (bits + 0x200000u) >> 22u;
  let t = f32(bitcast<i32>(bits) - bitcast<i32>(quarter << 22u)) * (1.0 / 16777216.0);
  let z = t * t;
  let sine = t * (6.283185482 + z * (-41.34166336 + z * (81.59254456 + z * -75.40161133)));
  let cosine = 1.0 + z * (-19.73920822 + z * (64.9393692 + z * (-85.44882202 + z * 59.4241066)));
  let turned = select(vec2<f32>(cosine, sine), vec2<f32>(-sine, cosine), (quarter & 1u) == 1u);
  return select(turned, -turned, (quarter & 2u) == 2u);
}

fn pair_of(first: u32, second: u32) -> vec2<f32> {
  // A root of what rounding put below zero would be no number.
  return sqrt(max(minus_two_log(first), 0.0)) * cosine_and_sine(second);
}

fn numbers_of(bits: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(pair_of(bits.x, bits.y), pair_of(bits.z, bits.w));
}
