// Transcendental functions on four float32 lanes: about 2 units in the last place, right at the
// extremes, NaN in gives NaN out. Polynomials were fitted to the reduced intervals by
// Chebyshev interpolation in float64. Bounds are set by pmin and pmax, which are one instruction
// each and keep a NaN that is their first argument.

const LOG2E: f32 = 1.44269504;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

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

// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** exp(r) − 1 for |r| ≤ ln 2 / 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced(r: v128): v128 {
  let p = constant(0.0013926203361612065);
  p = madd(p, r, constant(0.00836319488241274));
  p = madd(p, r, constant(0.04166655449841247));
  p = madd(p, r, constant(0.16666576894606647));
  p = madd(p, r, constant(0.5));
  return madd(f32x4.mul(r, r), p, r);
}

export function exp4(input: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(input, constant(-104)), constant(89));
  const n = f32x4.nearest(f32x4.mul(x, constant(LOG2E)));
  const r = f32x4.sub(
    f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH))),
    f32x4.mul(n, constant(LN2_LOW)),
  );
  const p = f32x4.add(expm1Reduced(r), constant(1));
  // Two factors, because 2^n alone over- or underflows before the product does.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** exp(x) − 1 for x ≤ 0, exact to the last places near 0. */
export function expm1Negative(input: v128): v128 {
  const x = f32x4.pmax(input, constant(-30));
  const n = f32x4.nearest(f32x4.mul(x, constant(LOG2E)));
  const r = f32x4.sub(
    f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH))),
    f32x4.mul(n, constant(LN2_LOW)),
  );
  const scale = powerOfTwo(i32x4.trunc_sat_f32x4_s(n));
  return madd(expm1Reduced(r), scale, f32x4.sub(scale, constant(1)));
}

export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, constant(1.17549435e-38));
  const normal = v128.bitselect(f32x4.mul(x, constant(8388608)), x, tiny);
  // Subtracting the bits of √½ puts the mantissa into [√½, √2).
  const bits = i32x4.sub(normal, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), v128.and(tiny, i32x4.splat(23)));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(exponent);
  const f = f32x4.sub(mantissa, constant(1));
  // log(1 + f) = 2 atanh(s), s = f / (2 + f).
  const s = f32x4.div(f, f32x4.add(f, constant(2)));
  const z = f32x4.mul(s, s);
  let p = constant(2.0 / 11.0);
  p = madd(p, z, constant(2.0 / 9.0));
  p = madd(p, z, constant(2.0 / 7.0));
  p = madd(p, z, constant(0.4));
  p = madd(p, z, constant(2.0 / 3.0));
  p = f32x4.mul(p, z);
  const halfSquare = f32x4.mul(f32x4.mul(f, f), constant(0.5));
  const low = madd(s, f32x4.add(halfSquare, p), f32x4.mul(e, constant(LN2_LOW)));
  let y = f32x4.add(f32x4.sub(f, f32x4.sub(halfSquare, low)), f32x4.mul(e, constant(LN2_HIGH)));
  y = v128.bitselect(constant(Infinity), y, f32x4.eq(x, constant(Infinity)));
  y = v128.bitselect(constant(-Infinity), y, f32x4.eq(x, constant(0)));
  const invalid = v128.or(f32x4.lt(x, constant(0)), f32x4.ne(x, x));
  return v128.bitselect(constant(NaN), y, invalid);
}

/** log(1 + z) for z in [0, 1]: the second term gives back what rounding 1 + z lost. */
// @ts-ignore: decorator
@inline
function log1p4(z: v128): v128 {
  const u = f32x4.add(z, constant(1));
  return f32x4.add(log4(u), f32x4.div(f32x4.sub(z, f32x4.sub(u, constant(1))), u));
}

// @ts-ignore: decorator
@inline
export function copySign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(sign, magnitude, i32x4.splat(0x80000000));
}

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const t = expm1Negative(f32x4.mul(f32x4.abs(x), constant(-2)));
  return copySign(f32x4.div(t, f32x4.add(t, constant(2))), x);
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const z = exp4(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(z, constant(1), f32x4.lt(x, constant(0)));
  return f32x4.div(numerator, f32x4.add(z, constant(1)));
}

// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const tail = log1p4(exp4(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.pmax(x, constant(0)), tail);
}

/** Below 1: x · P(x²). From 1 on: 1 − exp(−x²) · Q(t), t = 2 / (2 + |x|). */
export function erf4(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), constant(4.1));
  const z = f32x4.mul(size, size);
  let p = constant(0.00007875875041902951);
  p = madd(p, z, constant(-0.0008016864280546017));
  p = madd(p, z, constant(0.005189087422610904));
  p = madd(p, z, constant(-0.026854212010132637));
  p = madd(p, z, constant(0.11283594715146293));
  p = madd(p, z, constant(-0.37612626666718924));
  p = madd(p, z, constant(1.1283791658483509));
  const near = f32x4.mul(size, p);
  const t = f32x4.div(constant(2), f32x4.add(size, constant(2)));
  let q = constant(-0.05590344539725202);
  q = madd(q, t, constant(-0.05007664864803915));
  q = madd(q, t, constant(0.39462923892272467));
  q = madd(q, t, constant(0.10743333418221021));
  q = madd(q, t, constant(0.3285435301522408));
  q = madd(q, t, constant(0.27406970429270855));
  q = madd(q, t, constant(0.0005698348782043339));
  const far = f32x4.sub(constant(1), f32x4.mul(exp4(f32x4.neg(z)), q));
  const magnitude = v128.bitselect(near, far, f32x4.lt(size, constant(1)));
  return copySign(magnitude, x);
}

/** Op `Step`: the derivative of relu or leaky relu. */
// @ts-ignore: decorator
@inline
export function step4(v: v128, alpha: v128): v128 {
  const value = v128.bitselect(constant(1), alpha, f32x4.gt(v, constant(0)));
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
