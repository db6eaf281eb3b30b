// Transcendental functions on four float32 lanes: about 2 units in the last place, right at the
// extremes, NaN in gives NaN out. Polynomials were fitted to the reduced intervals in
// float64, for the least relative error of the result. Bounds are set by pmin and pmax, which are one instruction
// each and keep a NaN that is their first argument.

/**
 * Numbers in memory, where a broadcast is one instruction: V8 makes a `v128.const` anew wherever it stands.
 */
const NUMBERS = memory.data<f32>([
  // 0: ½, 1, 2, −2, −0, 2²⁴, 2⁻²⁴, log₂ e, 1.5 · 2²³
  0.5, 1, 2, -2, -0.0, 16777216, 5.9604644775390625e-8, 1.44269504, 12582912,
  // 9: the two parts of −ln 2 and of ln 2
  -0.693359375, 2.1219444e-4, 0.693359375, -2.1219444e-4,
  // 13: bounds of exp, of expm1, of erf
  -104, 89, -30, 3.95,
  // 17: expm1 on |r| ≤ ln 2 / 2
  0.0013926203361612065, 0.00836319488241274, 0.04166655449841247, 0.16666576894606647,
  // 21: log: the series of atanh; the least normal number, 2²³
  0.18181818181818182, 0.2222222222222222, 0.2857142857142857, 0.4, 0.6666666666666666,
  1.17549435e-38, 8388608,
  // 28: log(1 + z) / z on [0, 1]
  0.999999995287188, -0.49999902422260795, 0.3332996240291925, -0.24954133515719362,
  0.1967593853862488, -0.1530559050083039, 0.10603651379907403, -0.05695949968488433,
  0.019851443959566464, -0.003244021094954714,
  // 38: log(1 − erf(x)) / x on [0, 3.95]
  -1.1283791716112406, -0.6366193819703047, -0.10277783046869175, 0.019153063748463418,
  0.0001603963669454478, -0.0016670277777646944, 0.0006328370373000742, -0.00011764132491083408,
  0.000009256271436337397,
]);
const HALF = 0;
const ONE = 1;
const TWO = 2;
const MINUS_TWO = 3;
const MINUS_ZERO = 4;
const HUGE = 5;
const TINY = 6;
const LOG2E = 7;
const ROUNDING = 8;
const MINUS_LN2_HIGH = 9;
const MINUS_LN2_LOW = 10;
const LN2_HIGH = 11;
const LN2_LOW = 12;
const EXP_LEAST = 13;
const EXP_MOST = 14;
const EXPM1_LEAST = 15;
const ERF_MOST = 16;
const EXPM1 = 17;
const ATANH = 21;
const LEAST_NORMAL = 26;
const MANTISSAS = 27;
const LOG1P = 28;
const ERF = 38;

/** A number of the table in all lanes. */
// @ts-ignore: decorator
@inline
function number(index: i32): v128 {
  return v128.load_splat<f32>(NUMBERS + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function constant(value: f32): v128 {
  return f32x4.splat(value);
}

/** c + a · b, rounded once or twice: the build and the processor decide. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
}

/** x / ln 2 rounded to a whole number, plus 1.5 · 2²³: its last bits are that number, and none are left for a fraction. */
// @ts-ignore: decorator
@inline
function roundedLog2(x: v128): v128 {
  return madd(x, number(LOG2E), number(ROUNDING));
}

/** 2ⁿ · `by`, a power of two, for n as roundedLog2 gives it, or as whole numbers. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128, by: v128): v128 {
  // The shift pushes out all that 1.5 · 2²³ has of bits, and puts n where `by` has its exponent.
  return i32x4.add(i32x4.shl(n, 23), by);
}

/** x − n · ln 2 */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  return madd(n, number(MINUS_LN2_LOW), madd(n, number(MINUS_LN2_HIGH), x));
}

/** exp(r) − 1 for |r| ≤ ln 2 / 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced(r: v128): v128 {
  let p = number(EXPM1);
  p = madd(p, r, number(EXPM1 + 1));
  p = madd(p, r, number(EXPM1 + 2));
  p = madd(p, r, number(EXPM1 + 3));
  p = madd(p, r, number(HALF));
  return madd(f32x4.mul(r, r), p, r);
}

// @ts-ignore: decorator
@inline
export function exp4(input: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(input, number(EXP_LEAST)), number(EXP_MOST));
  const rounded = roundedLog2(x);
  const n = f32x4.sub(rounded, number(ROUNDING));
  const p = f32x4.add(expm1Reduced(reduced(x, n)), number(ONE));
  // Two factors, because 2^n alone over- or underflows before the product does.
  const whole = i32x4.sub(rounded, number(ROUNDING));
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half, number(ONE))), powerOfTwo(i32x4.sub(whole, half), number(ONE)));
}

/** exp(x) for x ≤ 0 */
// @ts-ignore: decorator
@inline
function expNegative(input: v128): v128 {
  const x = f32x4.pmax(input, number(EXP_LEAST));
  const rounded = roundedLog2(x);
  const n = f32x4.sub(rounded, number(ROUNDING));
  const p = f32x4.add(expm1Reduced(reduced(x, n)), number(ONE));
  // In two factors: the least results are smaller than any 2ⁿ that is normal.
  return f32x4.mul(f32x4.mul(p, powerOfTwo(rounded, number(HUGE))), number(TINY));
}

/** exp(x) − 1 for x ≤ 0, exact to the last places near 0. */
export function expm1Negative(input: v128): v128 {
  const x = f32x4.pmax(input, number(EXPM1_LEAST));
  const rounded = roundedLog2(x);
  const n = f32x4.sub(rounded, number(ROUNDING));
  const scale = powerOfTwo(rounded, number(ONE));
  return madd(expm1Reduced(reduced(x, n)), scale, f32x4.sub(scale, number(ONE)));
}

export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, number(LEAST_NORMAL));
  const normal = v128.bitselect(f32x4.mul(x, number(MANTISSAS)), x, tiny);
  // Subtracting the bits of √½ puts the mantissa into [√½, √2).
  const bits = i32x4.sub(normal, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), v128.and(tiny, i32x4.splat(23)));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(exponent);
  const f = f32x4.sub(mantissa, number(ONE));
  // log(1 + f) = 2 atanh(s), s = f / (2 + f).
  const s = f32x4.div(f, f32x4.add(f, number(TWO)));
  const z = f32x4.mul(s, s);
  let p = number(ATANH);
  p = madd(p, z, number(ATANH + 1));
  p = madd(p, z, number(ATANH + 2));
  p = madd(p, z, number(ATANH + 3));
  p = madd(p, z, number(ATANH + 4));
  p = f32x4.mul(p, z);
  const halfSquare = f32x4.mul(f32x4.mul(f, f), number(HALF));
  const low = madd(s, f32x4.add(halfSquare, p), f32x4.mul(e, number(LN2_LOW)));
  let y = f32x4.add(f32x4.sub(f, f32x4.sub(halfSquare, low)), f32x4.mul(e, number(LN2_HIGH)));
  y = v128.bitselect(constant(Infinity), y, f32x4.eq(x, constant(Infinity)));
  y = v128.bitselect(constant(-Infinity), y, f32x4.eq(x, constant(0)));
  const invalid = v128.or(f32x4.lt(x, constant(0)), f32x4.ne(x, x));
  return v128.bitselect(constant(NaN), y, invalid);
}

/** Four more terms of a polynomial: those of `first` to `first + 3`, the last first. */
// @ts-ignore: decorator
@inline
function fourTerms(p: v128, x: v128, first: i32): v128 {
  p = madd(p, x, number(first + 3));
  p = madd(p, x, number(first + 2));
  p = madd(p, x, number(first + 1));
  return madd(p, x, number(first));
}

/** log(1 + z) for z in [0, 1]. */
// @ts-ignore: decorator
@inline
function log1p4(z: v128): v128 {
  const p = madd(number(LOG1P + 9), z, number(LOG1P + 8));
  return f32x4.mul(z, fourTerms(fourTerms(p, z, LOG1P + 4), z, LOG1P));
}

// @ts-ignore: decorator
@inline
export function copySign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(sign, magnitude, number(MINUS_ZERO));
}

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const t = expm1Negative(f32x4.mul(f32x4.abs(x), number(MINUS_TWO)));
  return copySign(f32x4.div(t, f32x4.add(t, number(TWO))), x);
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const z = expNegative(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(z, number(ONE), f32x4.lt(x, constant(0)));
  return f32x4.div(numerator, f32x4.add(z, number(ONE)));
}

// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const tail = log1p4(expNegative(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.pmax(x, constant(0)), tail);
}

/** erf(x) = 1 − exp(x · P(x)) for x ≥ 0, as log(1 − erf(x)) is smooth. */
export function erf4(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), number(ERF_MOST));
  const p = fourTerms(fourTerms(number(ERF + 8), size, ERF + 4), size, ERF);
  return copySign(expm1Negative(f32x4.mul(size, p)), x);
}

/** Op `Step`: the derivative of relu or leaky relu. */
// @ts-ignore: decorator
@inline
export function step4(v: v128, alpha: v128): v128 {
  const value = v128.bitselect(number(ONE), alpha, f32x4.gt(v, constant(0)));
  return v128.bitselect(v, value, f32x4.ne(v, v));
}

export function pow4(a: v128, b: v128): v128 {
  return f32x4(
    Mathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    Mathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    Mathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    Mathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
}
