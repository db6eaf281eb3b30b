/** Whole numbers near a number, what is left over, and questions about single numbers. */
import type { Traced } from "../traced.js";
import { Arithmetic, type Operand } from "./arithmetic.js";
import type { Kernel, Kernels } from "./kernel.js";

const ofX =
  (formula: (m: Arithmetic, x: Traced) => Traced, dtype?: "bool"): Kernel =>
  ({ build, input }) => {
    const x = input("x");
    return { ...formula(new Arithmetic(build), build.float(x)), dtype: dtype ?? x.dtype };
  };

const ofBoth =
  (formula: (m: Arithmetic, a: Traced, b: Traced) => Traced, dtype?: "bool"): Kernel =>
  ({ build, input }) => {
    const [a, b] = [input("a"), input("b")];
    const result = formula(new Arithmetic(build), build.float(a), build.float(b));
    return { ...result, dtype: dtype ?? a.dtype };
  };

const ceiling = (m: Arithmetic, x: Traced) => m.one("Neg", m.one("Floor", m.one("Neg", x)));

/** Halves go to the even neighbour, as in tfjs. */
function rounded(m: Arithmetic, x: Traced): Traced {
  const floor = m.one("Floor", x);
  const rest = m.sub(x, floor);
  const isOdd = m.notEqual(m.mul(m.one("Floor", m.mul(floor, 0.5)), 2), floor);
  const isUp: Operand = m.select(m.equal(rest, 0.5), isOdd, m.greater(rest, 0.5));
  return m.add(floor, isUp);
}

const isInfinite = (m: Arithmetic, x: Traced) => m.equal(m.one("Abs", x), Number.POSITIVE_INFINITY);

export const roundingKernels: Kernels = {
  Floor: ofX((m, x) => m.one("Floor", x)),
  Ceil: ofX(ceiling),
  Round: ofX(rounded),
  /** What is left over has the divisor's sign. */
  Mod: ofBoth((m, a, b) => m.sub(a, m.mul(m.one("Floor", m.div(a, b)), b))),
  FloorDiv: ofBoth((m, a, b) => m.one("Floor", m.div(a, b))),
  IsNan: ofX((m, x) => m.notEqual(x, x), "bool"),
  IsInf: ofX(isInfinite, "bool"),
  IsFinite: ofX((m, x) => m.less(m.one("Abs", x), Number.POSITIVE_INFINITY), "bool"),
  LogicalXor: ofBoth((m, a, b) => m.notEqual(a, b), "bool"),
};
