/**
 * Trigonometric and hyperbolic functions, of arithmetic every device has: an argument is brought near to 0, where few
 * terms of the series are as exact as float32.
 */
import type { Traced } from "../traced.js";
import { Arithmetic } from "./arithmetic.js";
import type { Kernel, Kernels } from "./kernel.js";

/** The sine's series in powers of x², after x is taken out; the next term is below 6e-8 for |x| ≤ π/2. */
const SINE = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800];
/** The arc tangent's in powers of x², after x is taken out, for |x| ≤ tan(π/8). */
const ARC_TANGENT = [1, -1 / 3, 1 / 5, -1 / 7, 1 / 9, -1 / 11, 1 / 13, -1 / 15];

/** π in three parts: a count of up to 2¹¹ times the first two is exact in float32. */
const PI_PARTS = [3.140625, 0.0009670257568359375, 6.278329571e-7];

function oddSeries(m: Arithmetic, x: Traced, coefficients: readonly number[]): Traced {
  return m.mul(x, m.polynomial(m.one("Square", x), coefficients));
}

/** sin(x + quarterTurns · π/2) */
function sine(m: Arithmetic, x: Traced, quarterTurns: 0 | 1): Traced {
  // The half turn that is nearest to x; with a quarter turn more, the one that x is above.
  const turns = m.one("Floor", m.add(m.mul(x, 1 / Math.PI), quarterTurns === 1 ? 1 : 0.5));
  const centre = quarterTurns === 1 ? m.sub(turns, 0.5) : turns;
  const near = PI_PARTS.reduce<Traced>((rest, part) => m.sub(rest, m.mul(centre, part)), x);
  const isOdd = m.sub(turns, m.mul(m.one("Floor", m.mul(turns, 0.5)), 2));
  return m.mul(oddSeries(m, near, SINE), m.sub(1, m.mul(isOdd, 2)));
}

/** Of a number from 0 on. */
function positiveArcTangent(m: Arithmetic, x: Traced): Traced {
  const isLarge = m.greater(x, 1 + Math.SQRT2);
  const isMiddle = m.greater(x, Math.SQRT2 - 1);
  // Chosen before the division, so that no side divides by 0.
  const large = m.div(-1, m.select(isLarge, x, 1));
  const middle = m.div(m.sub(x, 1), m.add(x, 1));
  const isBounded = m.less(x, Number.POSITIVE_INFINITY);
  const near = m.select(isLarge, large, m.select(isMiddle, m.select(isBounded, middle, 1), x));
  const from = m.select(isLarge, Math.PI / 2, m.select(isMiddle, Math.PI / 4, 0));
  return m.add(from, oddSeries(m, near, ARC_TANGENT));
}

function arcTangent(m: Arithmetic, x: Traced): Traced {
  const size = positiveArcTangent(m, m.select(m.less(x, 0), m.one("Neg", x), x));
  return m.select(m.less(x, 0), m.one("Neg", size), size);
}

/** π/2 at 1, as one branch of x / √(1 − x²) would be infinite there */
function arcSine(m: Arithmetic, x: Traced): Traced {
  const other = m.one("Sqrt", m.mul(m.sub(1, x), m.add(1, x)));
  return arcTangent2(m, x, other);
}

/** The angle of the point (x, y). */
function arcTangent2(m: Arithmetic, y: Traced, x: Traced): Traced {
  const [sizeY, sizeX] = [m.one("Abs", y), m.one("Abs", x)];
  const isSteep = m.greater(sizeY, sizeX);
  const [low, high] = [m.select(isSteep, sizeX, sizeY), m.select(isSteep, sizeY, sizeX)];
  const ratio = m.div(low, m.select(m.equal(high, 0), 1, high));
  const flat = positiveArcTangent(m, ratio);
  const right = m.select(isSteep, m.sub(Math.PI / 2, flat), flat);
  const upper = m.select(m.less(x, 0), m.sub(Math.PI, right), right);
  return m.select(m.less(y, 0), m.one("Neg", upper), upper);
}

const half = (m: Arithmetic, x: Traced, sign: 1 | -1) => {
  const [up, down] = [m.one("Exp", x), m.one("Exp", m.one("Neg", x))];
  return m.mul(sign === 1 ? m.add(up, down) : m.sub(up, down), 0.5);
};

/** sign(x) · log(|x| + √(x² + 1)) */
function inverseHyperbolicSine(m: Arithmetic, x: Traced): Traced {
  const size = m.select(m.less(x, 0), m.one("Neg", x), x);
  const sum = m.add(size, m.one("Sqrt", m.add(m.one("Square", x), 1)));
  const logarithm = m.one("Log", sum);
  return m.select(m.less(x, 0), m.one("Neg", logarithm), logarithm);
}

const ofX =
  (formula: (m: Arithmetic, x: Traced) => Traced): Kernel =>
  ({ build, input }) =>
    formula(new Arithmetic(build), build.float(input("x")));

export const trigonometricKernels: Kernels = {
  Sin: ofX((m, x) => sine(m, x, 0)),
  Cos: ofX((m, x) => sine(m, x, 1)),
  Tan: ofX((m, x) => m.div(sine(m, x, 0), sine(m, x, 1))),
  Asin: ofX(arcSine),
  Acos: ofX((m, x) => m.sub(Math.PI / 2, arcSine(m, x))),
  Atan: ofX(arcTangent),
  Atan2: ({ build, input }) =>
    arcTangent2(new Arithmetic(build), build.float(input("a")), build.float(input("b"))),
  Sinh: ofX((m, x) => half(m, x, -1)),
  Cosh: ofX((m, x) => half(m, x, 1)),
  Asinh: ofX(inverseHyperbolicSine),
  Acosh: ofX((m, x) => m.one("Log", m.add(x, m.one("Sqrt", m.sub(m.one("Square", x), 1))))),
  Atanh: ofX((m, x) => m.mul(m.one("Log", m.div(m.add(1, x), m.sub(1, x))), 0.5)),
};
