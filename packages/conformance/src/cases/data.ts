/** Rows in, figures out, images changed, and the exact masks of dropout. */
import type { DataType } from "@hone/core/internals";
import { type CaseInput, exact, list, normal, type OpCase, rounded } from "./case.js";

const column = (dtype: DataType, rows: number, ...row: number[]): CaseInput => ({
  shape: [rows, ...row],
  dtype,
  resident: true,
  values:
    dtype === "float32"
      ? { kind: "normal" }
      : { kind: "integers", low: dtype === "uint8" ? 0 : -99, high: dtype === "uint8" ? 256 : 99 },
});
const whole = (of: readonly number[]): CaseInput => ({ ...list(of), dtype: "int32" });
const order = (length: number): CaseInput => ({
  shape: [length],
  dtype: "int32",
  values: { kind: "permutation" },
});

const plain = { scale: 1, offset: 0 };
const pixels = { scale: 1 / 255, offset: -0.5 };

const gathers: readonly OpCase[] = (
  [
    ["uint8 rows as they stand, scaled", "uint8", [4, 6], pixels, "float32"],
    ["uint8 rows of odd length", "uint8", [5, 7], pixels, "float32"],
    ["uint8 labels", "uint8", [5], plain, "int32"],
    ["int32 labels", "int32", [5], plain, "int32"],
    ["int32 rows to floats", "int32", [3, 5], pixels, "float32"],
    ["float32 rows", "float32", [3, 2, 3], plain, "float32"],
    ["one float32 number a row", "float32", [5], { scale: 2, offset: 1 }, "float32"],
  ] as const
).flatMap(([name, dtype, [batch, ...row], scaling, output]): OpCase[] => {
  const attributes = { ...scaling, stride: batch, shape: [batch, ...row], dtype: output };
  const tolerance =
    output === "int32"
      ? exact
      : { ...rounded, absolute: 1e-6, reason: "scale and offset may be fused" };
  const columnInput = column(dtype, 40, ...row);
  return [
    { op: "GatherRows", name: `${name}, in order`, inputs: [columnInput], attributes, tolerance },
    {
      op: "GatherRows",
      name: `${name}, by the epoch's order`,
      inputs: [columnInput, order(40), whole([1])],
      attributes,
      tolerance,
    },
  ];
});

const dropout = (
  name: string,
  shape: number[],
  rate: number,
  ordinal: number,
  seed = 7,
): OpCase => ({
  op: "Dropout",
  name,
  inputs: [normal(...shape), whole([seed])],
  attributes: { rate, ordinal },
  tolerance: rounded,
});

const random = (
  distribution: "uniform" | "normal",
  name: string,
  shape: number[],
  { ordinal = 0, seed = 7, first = 3 } = {},
): OpCase => ({
  op: "Random",
  name: `${distribution}, ${name}`,
  inputs: [whole([seed])],
  attributes: { shape, distribution, ordinal },
  tolerance:
    distribution === "uniform"
      ? exact
      : {
          absolute: 1e-5,
          relative: 0,
          of: "element",
          reason: "logarithm, cosine and sine are approximated, up to six deviations out",
        },
  range: { first, steps: 1 },
});

/** The same from a later block of the generator on. */
const later = (drawing: OpCase, firstBlock: number): OpCase => ({
  ...drawing,
  attributes: { ...drawing.attributes, firstBlock },
});

const randoms: readonly OpCase[] = (["uniform", "normal"] as const).flatMap((distribution) => [
  ...[1, 2, 3, 4, 5].map((size) => random(distribution, `${size} in number`, [size])),
  random(distribution, "of no dimension", []),
  random(distribution, "of an odd length in three dimensions", [3, 5, 7], { ordinal: 1 }),
  random(distribution, "of more than a workgroup", [3001], { ordinal: 5 }),
  random(distribution, "so many that the tails are among them", [200_003]),
  random(distribution, "of a seed above 2^31", [64], { seed: -2, ordinal: 2 }),
  random(distribution, "of a large ordinal", [64], { ordinal: 0x7fff0001 }),
  ...[70_001, 70_002].map((first) => random(distribution, `at step ${first}`, [65], { first })),
  { ...random(distribution, "after several steps", [65]), range: { first: 5, steps: 4 } },
  later(random(distribution, "of later rows of a batch", [70, 9]), 117),
]);

const augment = (
  name: string,
  shape: number[],
  { shift = 0, flip = false, seed = 7, ordinal = 0x7fff0001 },
): OpCase => ({
  op: "AugmentImages",
  name,
  inputs: [normal(...shape), whole([seed])],
  attributes: { shift, flip, ordinal },
  tolerance: exact,
});

const augments: readonly OpCase[] = [
  augment("moved only", [19, 28, 28, 1], { shift: 2 }),
  augment("mirrored only", [19, 28, 28, 1], { flip: true }),
  augment("mirrored and moved", [33, 28, 28, 1], { shift: 3, flip: true }),
  augment("neither, which copies", [3, 8, 8, 1], {}),
  augment("of colours", [9, 12, 10, 3], { shift: 2, flip: true }),
  augment("of many channels", [5, 6, 9, 17], { shift: 4, flip: true }),
  augment("without an axis of channels", [12, 9, 7], { shift: 3, flip: true }),
  augment("of odd sizes", [11, 13, 5, 1], { shift: 2, flip: true }),
  augment("moved until one row or column may be left", [64, 4, 6, 2], { shift: 3, flip: true }),
  augment("of one pixel", [5, 1, 1, 1], { flip: true }),
  augment("of a seed above 2^31", [8, 7, 7, 1], { shift: 2, flip: true, seed: -2 }),
  augment("of another ordinal", [8, 7, 7, 1], { shift: 2, flip: true, ordinal: 3 }),
  ...[70_001, 70_002].map((first) => ({
    ...augment(`at step ${first}`, [8, 7, 7, 1], { shift: 2, flip: true }),
    range: { first, steps: 1 },
  })),
  {
    ...augment("after several steps", [8, 7, 7, 1], { shift: 2, flip: true }),
    range: { first: 5, steps: 4 },
  },
  {
    op: "AugmentImages",
    name: "lets NaN and the infinities through",
    inputs: [
      list([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0], 4, 5, 5, 1),
      whole([7]),
    ],
    attributes: { shift: 2, flip: true, ordinal: 0 },
    tolerance: exact,
  },
];

export const dataCases: readonly OpCase[] = [
  ...gathers,
  ...randoms,
  ...augments,
  {
    op: "GatherRows",
    name: "of a short last batch, with the stride of the others",
    inputs: [column("uint8", 40, 3), order(40), whole([0])],
    attributes: { ...pixels, stride: 12, shape: [4, 3], dtype: "float32" },
    tolerance: { ...rounded, absolute: 1e-6 },
  },
  { ...dropout("of half", [5, 13], 0.5, 0), gradient: "differences" },
  dropout("of a third, the second in its graph", [4, 9, 7], 0.3, 1),
  dropout("of more than a workgroup", [3000], 0.9, 5),
  dropout("of a seed above 2^31", [64], 0.25, 2, -2),
  { ...dropout("at a step above 2^16", [64], 0.5, 3), range: { first: 70_001, steps: 1 } },
  later(dropout("of later rows of a batch", [70, 9], 0.5, 3), 117),
  {
    op: "Dropout",
    name: "lets NaN through where it keeps",
    inputs: [list([Number.NaN], 32), whole([7])],
    attributes: { rate: 0.5, ordinal: 0 },
    tolerance: exact,
  },
  {
    op: "RecordStep",
    name: "fills the step's row with values one after another",
    inputs: [normal(5, 4), list([7]), normal(2), list([9])],
    changed: [0],
    tolerance: exact,
  },
  {
    op: "RecordStep",
    name: "wraps around at the ring's end",
    inputs: [normal(4, 1), list([6])],
    changed: [0],
    tolerance: exact,
    range: { first: 1022, steps: 3 },
  },
  {
    op: "RecordStep",
    name: "of whole outputs",
    inputs: [normal(6, 45), normal(5), normal(5, 8)],
    changed: [0],
    tolerance: exact,
  },
  {
    op: "RecordStep",
    name: "keeps NaN and the infinities",
    inputs: [normal(2, 3), list([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])],
    changed: [0],
    tolerance: exact,
  },
];
