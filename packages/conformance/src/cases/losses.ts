/** Softmax cross-entropy, its gradient, and counting right answers. */
import {
  type CaseInput,
  exact,
  integers,
  list,
  normal,
  type OpCase,
  summed,
  transcendental,
  uniform,
  wholeFloats,
} from "./case.js";

const oneHot = (...shape: number[]): CaseInput => ({ shape, values: { kind: "one-hot" } });
const labels = (of: readonly number[]): CaseInput => ({ ...list(of), dtype: "int32" });

const LARGE = [1000, 999, -1000, 1e4, 1e4, 1e4, -1e4, -1e4, -1e4 - 2];

const sparse = { kind: "sparse" };
const oneHotKind = { kind: "one-hot" };

export const lossCases: readonly OpCase[] = [
  {
    op: "SoftmaxCrossEntropy",
    name: "of sparse labels",
    inputs: [normal(33, 10), integers(0, 10, 33)],
    attributes: sparse,
    tolerance: transcendental,
    gradient: "differences",
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of sparse labels over many classes",
    inputs: [normal(3, 257), integers(0, 257, 3)],
    attributes: sparse,
    tolerance: transcendental,
    gradient: "differences",
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of large logits loses no digits",
    inputs: [list(LARGE, 3, 3), labels([1, 2, 2])],
    attributes: sparse,
    tolerance: transcendental,
    gradient: "reference",
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of a label outside of the classes is NaN, in its row alone",
    inputs: [normal(4, 3), labels([0, 3, -1, 2])],
    attributes: sparse,
    tolerance: transcendental,
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of NaN logits is NaN",
    inputs: [list([Number.NaN, 1, 2, 3], 2, 2), labels([1, 1])],
    attributes: sparse,
    tolerance: transcendental,
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of one-hot labels",
    inputs: [normal(9, 7), { ...oneHot(9, 7), constant: true }],
    attributes: oneHotKind,
    tolerance: transcendental,
    gradient: "differences",
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of labels that are shares and do not sum to one",
    inputs: [normal(5, 4), { ...uniform(0, 1, 5, 4), constant: true }],
    attributes: oneHotKind,
    tolerance: transcendental,
    gradient: "differences",
  },
  {
    op: "SoftmaxCrossEntropy",
    name: "of large logits and one-hot labels",
    inputs: [list(LARGE, 3, 3), oneHot(3, 3)],
    attributes: oneHotKind,
    tolerance: transcendental,
  },
  {
    op: "SoftmaxCrossEntropyGrad",
    name: "of sparse labels, one outside of the classes",
    inputs: [normal(4, 3), labels([0, 3, 1, 2]), normal(4)],
    attributes: sparse,
    tolerance: summed,
  },
  {
    op: "SoftmaxCrossEntropyGrad",
    name: "of large logits",
    inputs: [list(LARGE, 3, 3), labels([1, 2, 2]), normal(3)],
    attributes: sparse,
    tolerance: summed,
  },
  {
    op: "SoftmaxCrossEntropyGrad",
    name: "of shares",
    inputs: [normal(5, 4), uniform(0, 1, 5, 4), normal(5)],
    attributes: oneHotKind,
    tolerance: summed,
  },
  {
    op: "CountCorrect",
    name: "of sparse labels",
    inputs: [normal(37, 5), integers(0, 5, 37)],
    attributes: sparse,
    tolerance: exact,
  },
  {
    op: "CountCorrect",
    name: "takes the first of equal maxima",
    inputs: [wholeFloats(0, 2, 64, 4), integers(0, 4, 64)],
    attributes: sparse,
    tolerance: exact,
  },
  {
    op: "CountCorrect",
    name: "of one-hot labels",
    inputs: [wholeFloats(0, 3, 70, 3), oneHot(70, 3)],
    attributes: oneHotKind,
    tolerance: exact,
  },
];
