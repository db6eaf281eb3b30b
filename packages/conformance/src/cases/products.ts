/** Matrix products, plain and with bias and relu: transposes, batches, sizes that fit no tile. */
import { type CaseNode, list, normal, type OpCase, rounded, summed } from "./case.js";

type Product = readonly [
  name: string,
  a: readonly number[],
  b: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
];

const PRODUCTS: readonly Product[] = [
  ["of single numbers", [1, 1], [1, 1], false, false],
  ["of a row and a column", [1, 37], [37, 1], false, false],
  ["of a column and a row", [9, 1], [1, 11], false, false],
  ["of odd sizes", [5, 7], [7, 3], false, false],
  ["with the left stored transposed", [7, 5], [7, 3], true, false],
  ["with the right stored transposed", [5, 7], [3, 7], false, true],
  ["with both stored transposed", [7, 5], [3, 7], true, true],
  ["just beyond a tile", [33, 65], [65, 17], false, false],
  ["of tile sizes", [64, 32], [32, 64], false, false],
  ["as a dense layer's", [8, 200], [200, 10], false, false],
  ["in batches", [3, 4, 5], [3, 5, 6], false, false],
  ["in batches, both transposed", [3, 5, 4], [3, 6, 5], true, true],
  ["with the left reused in every batch", [1, 4, 5], [3, 5, 6], false, false],
  ["with the right reused in every batch", [3, 4, 5], [1, 5, 6], false, false],
  ["with a right matrix of rank 2", [3, 4, 5], [5, 6], false, false],
];

/** The pattern of a dense layer, which a plan may fuse: product, bias, perhaps relu. */
function dense(relu: boolean): CaseNode[] {
  const product: CaseNode = {
    op: "BatchMatMul",
    inputs: [0, 1],
    attributes: { transposeA: false, transposeB: false },
  };
  const biased: CaseNode = { op: "Add", inputs: [3, 2] };
  return relu ? [product, biased, { op: "Relu", inputs: [4] }] : [product, biased];
}

const fused = { op: "_FusedMatMul", tolerance: summed, gradient: "differences" } as const;

/** The fused node itself has no gradient rule: the plan makes it after differentiation. */
const direct = { op: "_FusedMatMul", tolerance: summed } as const;

export const productCases: readonly OpCase[] = [
  ...PRODUCTS.map(
    ([name, a, b, transposeA, transposeB]): OpCase => ({
      op: "BatchMatMul",
      name,
      inputs: [normal(...a), normal(...b)],
      attributes: { transposeA, transposeB },
      tolerance: summed,
      gradient: "differences",
    }),
  ),
  {
    op: "BatchMatMul",
    name: "of a matrix with itself",
    inputs: [normal(6, 6)],
    nodes: [
      { op: "BatchMatMul", inputs: [0, 0], attributes: { transposeA: false, transposeB: true } },
    ],
    tolerance: summed,
    gradient: "differences",
  },
  {
    op: "BatchMatMul",
    name: "lets NaN through, also times zero",
    inputs: [list([Number.NaN, 0, 1, 2], 2, 2), list([0, 1, 0, 1], 2, 2)],
    attributes: { transposeA: false, transposeB: false },
    tolerance: rounded,
  },
  {
    ...fused,
    name: "made of product and bias",
    inputs: [normal(5, 7), normal(7, 9), normal(9)],
    nodes: dense(false),
  },
  {
    ...fused,
    name: "made of product, bias and relu",
    inputs: [normal(33, 17), normal(17, 10), normal(10)],
    nodes: dense(true),
  },
  {
    ...fused,
    name: "made of product and bias [1, n], in batches",
    inputs: [normal(3, 4, 5), normal(1, 5, 6), normal(1, 6)],
    nodes: dense(true),
  },
  {
    ...fused,
    name: "not made where the product is read elsewhere too",
    inputs: [normal(5, 7), normal(7, 9), normal(9)],
    nodes: [...dense(true), { op: "Multiply", inputs: [5, 3] }],
    alsoCompared: [2],
  },
  {
    ...fused,
    name: "not made where the bias is a column",
    inputs: [normal(5, 7), normal(7, 9), normal(5, 1)],
    nodes: dense(false),
  },
  {
    ...fused,
    name: "made without relu where the sum is read elsewhere too",
    inputs: [normal(5, 7), normal(7, 9), normal(9)],
    nodes: [...dense(true), { op: "Multiply", inputs: [4, 5] }],
    alsoCompared: [1, 2],
  },
  {
    ...direct,
    name: "with bias and relu",
    inputs: [normal(6, 13), normal(13, 8), normal(8)],
    attributes: { transposeA: false, transposeB: false, activation: "relu" },
  },
  {
    ...direct,
    name: "without bias, transposed",
    inputs: [normal(13, 6), normal(8, 13)],
    attributes: { transposeA: true, transposeB: true, activation: "linear" },
  },
];
