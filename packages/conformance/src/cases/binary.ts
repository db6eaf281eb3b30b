/** Functions of two elements: broadcasting in all ways, ties, and numbers that are none. */
import {
  type CaseInput,
  distinct,
  exact,
  integers,
  list,
  normal,
  type OpCase,
  rounded,
  type Tolerance,
  transcendental,
  uniform,
  wholeFloats,
} from "./case.js";

type Shapes = readonly [name: string, a: readonly number[], b: readonly number[]];

const BROADCASTS: readonly Shapes[] = [
  ["of equal shapes", [3, 5, 7], [3, 5, 7]],
  ["with a scalar on the left", [], [4, 9]],
  ["with a scalar on the right", [4, 9], []],
  ["of a row and a matrix", [9], [5, 9]],
  ["of a matrix and a column", [5, 9], [5, 1]],
  ["of a column and a row", [6, 1], [1, 7]],
  ["of one value per channel and images", [2, 3, 4, 5], [5]],
  ["with broadcast axes in the middle", [2, 3, 4, 5], [2, 1, 1, 5]],
  ["with broadcast axes outside", [2, 3, 4, 5], [1, 3, 4, 1]],
  ["where both sides are broadcast, rank 6", [2, 1, 3, 1, 2, 3], [1, 2, 3, 2, 1, 3]],
  ["of single elements of different rank", [1, 1], [1]],
];
/** Enough for the ops that share the code of the first. */
const SOME_BROADCASTS = BROADCASTS.filter((_, index) => [0, 2, 5, 7].includes(index));

interface Function {
  readonly op: string;
  readonly tolerance: Tolerance;
  readonly left?: (...shape: number[]) => CaseInput;
  readonly right?: (...shape: number[]) => CaseInput;
  readonly shapes: readonly Shapes[];
}

const away = (...shape: number[]): CaseInput => uniform(0.5, 2, ...shape);

const FUNCTIONS: readonly Function[] = [
  { op: "Add", tolerance: rounded, shapes: BROADCASTS },
  { op: "Sub", tolerance: rounded, shapes: SOME_BROADCASTS },
  { op: "Multiply", tolerance: rounded, shapes: BROADCASTS },
  { op: "RealDiv", tolerance: rounded, right: away, shapes: SOME_BROADCASTS },
  // One side of even steps, one random: they meet in no number.
  { op: "Maximum", tolerance: exact, left: distinct, shapes: SOME_BROADCASTS },
  { op: "Minimum", tolerance: exact, left: distinct, shapes: SOME_BROADCASTS },
  { op: "Pow", tolerance: transcendental, left: away, shapes: SOME_BROADCASTS },
  { op: "SquaredDifference", tolerance: rounded, shapes: SOME_BROADCASTS },
];

const arithmetic = FUNCTIONS.flatMap(({ op, tolerance, left = normal, right = normal, shapes }) =>
  shapes.map(
    ([name, a, b]): OpCase => ({
      op,
      name,
      inputs: [left(...a), right(...b)],
      tolerance,
      gradient: "differences",
    }),
  ),
);

const COMPARISONS = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"];

const comparisons = COMPARISONS.flatMap((op): OpCase[] => [
  {
    op,
    name: "of floats with ties",
    inputs: [wholeFloats(0, 3, 5, 9), wholeFloats(0, 3, 9)],
    tolerance: exact,
  },
  {
    op,
    name: "of whole numbers with ties",
    inputs: [integers(-2, 2, 5, 1), integers(-2, 2, 1, 7)],
    tolerance: exact,
  },
]);

export const binaryCases: readonly OpCase[] = [
  ...arithmetic,
  ...comparisons,
  ...["Maximum", "Minimum"].map(
    (op): OpCase => ({
      op,
      name: "of equal numbers gives the gradient to the left",
      inputs: [wholeFloats(0, 2, 4, 4), wholeFloats(0, 2, 4, 4)],
      tolerance: exact,
      gradient: "reference",
    }),
  ),
  ...["Add", "Multiply", "Maximum", "Minimum"].map(
    (op): OpCase => ({
      op,
      name: "with NaN on either side",
      inputs: [list([Number.NaN, 1, Number.NaN, 2]), list([1, Number.NaN, Number.NaN, 3])],
      tolerance: exact,
    }),
  ),
  {
    op: "Add",
    name: "of infinities",
    inputs: [
      list([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 3e38]),
      list([1, 1, Number.NEGATIVE_INFINITY, 3e38]),
    ],
    tolerance: exact,
  },
  {
    op: "RealDiv",
    name: "by large and small numbers",
    inputs: [list([1, -1, 3, 1e20, 0]), list([1e20, 1e-20, 7, 1e10, 5])],
    tolerance: rounded,
  },
  {
    op: "Pow",
    name: "of whole exponents, also of negative numbers",
    inputs: [list([2, -2, -3, 0.5, 4, 0, 1, -1.5]), list([3, 2, 3, -1, 0.5, 2, 77, 0])],
    tolerance: transcendental,
  },
  {
    op: "Add",
    name: "of a scalar constant",
    inputs: [normal(3, 7), { shape: [], values: { kind: "list", of: [0.75] }, constant: true }],
    tolerance: rounded,
    gradient: "differences",
  },
  {
    op: "Multiply",
    name: "with a constant tensor",
    inputs: [normal(4, 6), { shape: [4, 1], values: { kind: "normal" }, constant: true }],
    tolerance: rounded,
    gradient: "differences",
  },
  {
    op: "Add",
    name: "of a tensor with itself",
    inputs: [normal(5, 3)],
    nodes: [{ op: "Add", inputs: [0, 0] }],
    tolerance: rounded,
    gradient: "differences",
  },
  ...[
    ["of equal shapes", [4, 7], [4, 7], [4, 7]],
    ["with a condition per row", [4, 1], [4, 7], [4, 7]],
    ["between a tensor and a scalar", [4, 7], [4, 7], []],
    ["where all three are broadcast", [4, 1, 1], [1, 3, 1], [1, 1, 5]],
  ].map(
    ([name, condition, a, b]): OpCase => ({
      op: "Select",
      name: name as string,
      inputs: [
        wholeFloats(0, 2, ...(condition as number[])),
        normal(...(a as number[])),
        normal(...(b as number[])),
      ],
      tolerance: exact,
    }),
  ),
  {
    op: "Select",
    name: "has gradients for both choices",
    inputs: [
      { shape: [4, 7], values: { kind: "integers", low: 0, high: 2 }, constant: true },
      normal(4, 7),
      normal(7),
    ],
    tolerance: exact,
    gradient: "differences",
  },
];
