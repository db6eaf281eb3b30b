/** Sums, extrema and softmax: every place of the reduced axes, ties, large numbers. */
import {
  distinct,
  exact,
  list,
  normal,
  type OpCase,
  rounded,
  summed,
  transcendental,
  wholeFloats,
} from "./case.js";

type Reduction = readonly [
  name: string,
  shape: readonly number[],
  axes: readonly number[],
  keepDims: boolean,
];

const PLACES: readonly Reduction[] = [
  ["of a row", [37], [0], false],
  ["of everything", [3, 5, 7], [0, 1, 2], true],
  ["along the last axis", [6, 65], [1], false],
  ["along the first axis", [33, 9], [0], true],
  ["of an axis in the middle", [3, 17, 5], [1], true],
  ["over images, one per channel", [4, 6, 5, 9], [0, 1, 2], false],
  ["over height and width", [3, 4, 5, 33], [1, 2], false],
  ["of rank 6", [2, 3, 2, 2, 3, 2], [2, 3], true],
  ["of one element", [4, 1], [1], false],
];

const long: OpCase = {
  op: "Sum",
  name: "of many thousand elements",
  inputs: [normal(20_011)],
  attributes: { axes: [0], keepDims: true },
  tolerance: {
    ...summed,
    relative: 1e-4,
    reason: "20,011 terms of size 1 that cancel to about 100",
  },
};

export const reductionCases: readonly OpCase[] = [
  ...PLACES.flatMap(([name, shape, axes, keepDims]): OpCase[] => [
    {
      op: "Sum",
      name,
      inputs: [normal(...shape)],
      attributes: { axes, keepDims },
      tolerance: summed,
      gradient: "differences",
    },
    {
      op: "MultiplySum",
      name,
      inputs: [normal(...shape), normal(...shape)],
      attributes: { axes, keepDims },
      tolerance: summed,
    },
    ...["Max", "Min"].map(
      (op): OpCase => ({
        op,
        name,
        inputs: [distinct(...shape)],
        attributes: { axes, keepDims },
        tolerance: exact,
        gradient: "differences",
      }),
    ),
  ]),
  long,
  ...["Max", "Min"].map(
    (op): OpCase => ({
      op,
      name: "with ties gives the gradient to all of them",
      inputs: [wholeFloats(0, 3, 4, 9)],
      attributes: { axes: [1], keepDims: false },
      tolerance: exact,
      gradient: "reference",
    }),
  ),
  ...["Sum", "Max", "Min"].map(
    (op): OpCase => ({
      op,
      name: "lets NaN through and keeps it in its row",
      inputs: [list([1, Number.NaN, 3, 4, 5, 6, Number.NaN, 8, 9], 3, 3)],
      attributes: { axes: [1], keepDims: false },
      tolerance: exact,
    }),
  ),
  ...["Max", "Min"].map(
    (op): OpCase => ({
      op,
      name: "of infinities",
      inputs: [
        list(
          [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, Number.POSITIVE_INFINITY],
          2,
          2,
        ),
      ],
      attributes: { axes: [1], keepDims: false },
      tolerance: exact,
    }),
  ),
  {
    op: "ArgMax",
    name: "of distinct numbers",
    inputs: [distinct(9, 33)],
    tolerance: exact,
  },
  {
    op: "ArgMax",
    name: "gives the first of equal maxima",
    inputs: [wholeFloats(0, 2, 3, 4, 11)],
    tolerance: exact,
  },
  {
    op: "ArgMax",
    name: "of a single column",
    inputs: [normal(7, 1)],
    tolerance: exact,
  },
  ...["Softmax", "LogSoftmax"].flatMap((op): OpCase[] => [
    {
      op,
      name: "of ten classes",
      inputs: [normal(7, 10)],
      tolerance: transcendental,
      gradient: "differences",
    },
    {
      op,
      name: "of wide rows",
      inputs: [normal(3, 301)],
      tolerance: transcendental,
    },
    {
      op,
      name: "of higher rank",
      inputs: [normal(2, 3, 4, 5)],
      tolerance: transcendental,
      gradient: "differences",
    },
    {
      op,
      name: "of one class",
      inputs: [normal(5, 1)],
      tolerance: transcendental,
    },
    {
      op,
      name: "of large numbers does not overflow",
      inputs: [list([1000, 999, -1000, 1e4, 1e4, 1e4, -1e4, -1e4, -1e4 - 2], 3, 3)],
      tolerance: transcendental,
    },
    {
      op,
      name: "lets NaN through and keeps it in its row",
      inputs: [list([Number.NaN, 1, 2, 3, 4, 5], 2, 3)],
      tolerance: transcendental,
    },
  ]),
  {
    op: "GlobalNorm",
    name: "of a flat gradient",
    inputs: [normal(4097)],
    tolerance: rounded,
  },
  {
    op: "GlobalNorm",
    name: "of one element",
    inputs: [list([-3])],
    tolerance: rounded,
  },
  {
    op: "GlobalNorm",
    name: "is NaN when one element is",
    inputs: [list([1, Number.NaN, 2])],
    tolerance: rounded,
  },
];
