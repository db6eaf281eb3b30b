/** Pools and their gradients: windows that overlap, leave gaps, or hang over the edge; ties. */
import { samePadding } from "@hone/core/internals";
import {
  type CaseInput,
  distinct,
  exact,
  list,
  type OpCase,
  rounded,
  summed,
  wholeFloats,
} from "./case.js";

interface Pool {
  readonly name: string;
  readonly image: readonly [batch: number, height: number, width: number, channels: number];
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly same?: boolean;
}

const POOLS: readonly Pool[] = [
  { name: "2x2 of even images", image: [2, 6, 8, 3], window: [2, 2], strides: [2, 2] },
  {
    name: "2x2 that leaves a row and a column",
    image: [2, 7, 5, 4],
    window: [2, 2],
    strides: [2, 2],
  },
  { name: "3x3 that overlaps", image: [2, 7, 7, 1], window: [3, 3], strides: [2, 2] },
  { name: "3x3, same, stride 1", image: [1, 5, 6, 2], window: [3, 3], strides: [1, 1], same: true },
  {
    name: "2x2, same, hanging over the edge",
    image: [2, 5, 7, 9],
    window: [2, 2],
    strides: [2, 2],
    same: true,
  },
  { name: "3x2, strides 1 and 3", image: [1, 8, 9, 5], window: [3, 2], strides: [1, 3] },
  { name: "1x1 with gaps", image: [2, 5, 5, 2], window: [1, 1], strides: [2, 2] },
  { name: "of the whole image", image: [3, 4, 5, 33], window: [4, 5], strides: [4, 5] },
];

function attributesOf({ image, window, strides, same }: Pool) {
  const along = (axis: 0 | 1) =>
    same ? samePadding(image[axis + 1] as number, window[axis], strides[axis], 1) : [0, 0];
  return { filterSize: [...window], strides: [...strides], padding: [...along(0), ...along(1)] };
}

const ties = (image: Pool["image"]): CaseInput => wholeFloats(0, 2, ...image);

export const poolCases: readonly OpCase[] = [
  ...POOLS.flatMap((pool): OpCase[] => [
    {
      op: "MaxPool",
      name: pool.name,
      inputs: [distinct(...pool.image)],
      attributes: attributesOf(pool),
      tolerance: exact,
      gradient: "differences",
    },
    {
      op: "MaxPool",
      name: `${pool.name}, with ties: the first in row order has the gradient`,
      inputs: [ties(pool.image)],
      attributes: attributesOf(pool),
      tolerance: exact,
      gradient: "reference",
    },
    {
      op: "AvgPool",
      name: pool.name,
      inputs: [distinct(...pool.image)],
      attributes: attributesOf(pool),
      tolerance: { ...rounded, absolute: 1e-6 },
      gradient: "differences",
    },
  ]),
  {
    op: "MaxPool",
    name: "of negative numbers, where padding would win as zero",
    inputs: [{ shape: [1, 3, 3, 2], values: { kind: "uniform", low: -3, high: -1 } }],
    attributes: { filterSize: [2, 2], strides: [2, 2], padding: [0, 1, 0, 1] },
    tolerance: exact,
    gradient: "reference",
  },
  {
    op: "MaxPool",
    name: "lets NaN through and keeps it in its window",
    inputs: [list([1, Number.NaN, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 1, 4, 4, 1)],
    attributes: { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
    tolerance: exact,
  },
  {
    op: "MaxPool",
    name: "of minus infinity",
    inputs: [list([Number.NEGATIVE_INFINITY], 1, 2, 2, 1)],
    attributes: { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
    tolerance: exact,
  },
  {
    op: "MaxPoolGrad",
    name: "as a node of its own",
    inputs: [
      list([1, 2, 3, 4], 1, 2, 2, 1),
      list([5, 5, 0, 1, 5, 4, 2, 2, 0, 0, 9, 9, 0, 0, 9, 9], 1, 4, 4, 1),
      list([5, 2, 0, 9], 1, 2, 2, 1),
    ],
    attributes: { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
    tolerance: exact,
  },
  {
    op: "AvgPoolGrad",
    name: "as a node of its own, padded",
    inputs: [distinct(2, 3, 3, 4)],
    attributes: {
      filterSize: [3, 3],
      strides: [2, 2],
      padding: [1, 1, 1, 1],
      inputShape: [2, 5, 5, 4],
    },
    tolerance: summed,
  },
];
