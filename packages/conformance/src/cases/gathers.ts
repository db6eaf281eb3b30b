/** Rows of a table by number, and rows added up by number: odd shapes, repeated numbers, numbers outside. */
import { type CaseInput, exact, integers, list, normal, type OpCase, summed } from "./case.js";

const whole = (of: readonly number[], ...shape: readonly number[]): CaseInput => ({
  ...list(of, ...shape),
  dtype: "int32",
});

/** Name, shape of the table, numbers. */
const shapes: readonly (readonly [string, readonly number[], CaseInput])[] = [
  ["numbers of rank 1", [7, 5], integers(0, 7, 9)],
  ["numbers of rank 2", [11, 8], integers(0, 11, 3, 4)],
  ["numbers of rank 3", [6, 4], integers(0, 6, 2, 3, 2)],
  ["one number of rank 0", [4, 3], { ...integers(0, 4), shape: [] }],
  ["rows of rank 0", [13], integers(0, 13, 10)],
  ["rows of rank 2", [5, 3, 3], integers(0, 5, 2, 4)],
  ["rows of one", [9, 1], integers(0, 9, 21)],
  ["rows of 19", [5, 19], integers(0, 5, 6)],
  ["rows of 64", [100, 64], integers(0, 100, 4, 8)],
  ["rows of 130", [3, 130], integers(0, 3, 7)],
  ["a table of one row", [1, 6], integers(0, 1, 5)],
  ["the same number over and over", [4, 7], whole([2], 70)],
  ["every number once", [23, 6], { shape: [23], dtype: "int32", values: { kind: "permutation" } }],
  ["a large table and few numbers", [1003, 4], integers(0, 1003, 11)],
  ["a small table and many numbers", [3, 4], integers(0, 3, 5000)],
  ["more numbers than rows, of rank 0", [5], integers(0, 5, 3001)],
];

/** Below 0, the last row, past it, far outside. */
const OUTSIDE = whole([-1, 4, 0, 5, 2, 1_000_000_000, -2_147_483_648, 4], 3, 8);
const name = (told: string) => `with ${told}`;

const gathers: readonly OpCase[] = [
  ...shapes.map(
    ([told, table, numbers]): OpCase => ({
      op: "Gather",
      name: name(told),
      inputs: [normal(...table), numbers],
      tolerance: exact,
      gradient: "differences",
    }),
  ),
  {
    op: "Gather",
    name: "with numbers outside, which give NaN",
    inputs: [normal(5, 6), OUTSIDE],
    tolerance: exact,
  },
  {
    op: "Gather",
    name: "with numbers outside, which give zeros",
    inputs: [normal(5, 6), OUTSIDE],
    attributes: { outside: "zero" },
    tolerance: exact,
    gradient: "differences",
  },
  {
    op: "Gather",
    name: "of a table with NaN and infinities, which stay in their rows",
    inputs: [list([1, Number.NaN, 2, Number.POSITIVE_INFINITY, 3, 4], 6, 1), integers(0, 6, 20)],
    tolerance: exact,
  },
];

const sums: readonly OpCase[] = [
  ...shapes.map(
    ([told, [numSegments, ...row], numbers]): OpCase => ({
      op: "UnsortedSegmentSum",
      name: name(told),
      inputs: [normal(...numbers.shape, ...row), numbers],
      attributes: { numSegments: numSegments as number },
      tolerance: summed,
      gradient: "differences",
    }),
  ),
  {
    op: "UnsortedSegmentSum",
    name: "with numbers outside, which are left out",
    inputs: [normal(3, 8, 5), OUTSIDE],
    attributes: { numSegments: 5 },
    tolerance: summed,
    gradient: "differences",
  },
  {
    op: "UnsortedSegmentSum",
    name: "of NaN and infinities, which stay in their rows",
    inputs: [list([1, Number.NaN, 2, Number.POSITIVE_INFINITY, 3], 5, 1), whole([0, 1, 0, 3, 4])],
    attributes: { numSegments: 6 },
    tolerance: summed,
  },
];

export const gatherCases: readonly OpCase[] = [...gathers, ...sums];
