/**
 * The error function to about 1e-15: a gradient of it is compared with finite differences in 64 bits,
 * which the usual short approximations (1e-7) do not survive.
 * Series and continued fraction: Abramowitz and Stegun, 7.1.6 and 7.1.14.
 */
const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
const SERIES_END = 2.5;
const FRACTION_TERMS = 60;

export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > SERIES_END) return Math.sign(x) * (1 - complement(size));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/** 1 - erf(x) for x well above 0: exp(-x²)/√π · 1/(x + ½/(x + 1/(x + 1½/(x + ...)))). */
function complement(x: number): number {
  if (x > 6) return 0;
  let fraction = x;
  for (let n = FRACTION_TERMS; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
