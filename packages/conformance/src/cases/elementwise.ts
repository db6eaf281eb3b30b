/** Functions of one element: ordinary values, both ends of the range, and numbers that are none. */
import {
  type CaseInput,
  exact,
  integers,
  list,
  normal,
  type OpCase,
  rounded,
  type Tolerance,
  transcendental,
  uniform,
} from "./case.js";

const positive = (...shape: number[]): CaseInput => uniform(0.2, 3, ...shape);

const NOT_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const ENDS = [0, 1e-30, -1e-30, 1, -1, 20, -20, 80, -80, 1000, -1000, 1e30, -1e30];

interface Function {
  readonly op: string;
  readonly tolerance: Tolerance;
  /** Ordinary values; normal unless given. */
  readonly inputs?: (...shape: number[]) => CaseInput;
  /** Values at the ends of what the function is defined for. */
  readonly ends?: readonly number[];
  readonly attributes?: OpCase["attributes"];
  readonly gradient?: OpCase["gradient"];
}

const FUNCTIONS: readonly Function[] = [
  { op: "Identity", tolerance: exact, gradient: "differences" },
  { op: "Abs", tolerance: exact, gradient: "differences" },
  { op: "Neg", tolerance: exact, gradient: "differences" },
  { op: "Sign", tolerance: exact },
  { op: "Floor", tolerance: exact, ends: [0.5, -0.5, 3, -3, 8388609, -8388609.5, 1e30, -1e30] },
  {
    op: "Sqrt",
    tolerance: rounded,
    inputs: positive,
    ends: [0, 1e-30, 1, 1e30],
    gradient: "differences",
  },
  {
    op: "Rsqrt",
    tolerance: rounded,
    inputs: positive,
    ends: [1e-30, 1, 1e30],
    gradient: "differences",
  },
  { op: "Square", tolerance: rounded, ends: [0, 1e10, -1e10, 1e-10], gradient: "differences" },
  { op: "Reciprocal", tolerance: rounded, ends: [1, 1e20, -1e20, 1e-20], gradient: "differences" },
  {
    op: "Exp",
    tolerance: transcendental,
    ends: [0, 1, -1, 80, -80, 87, -1000, 1000],
    gradient: "differences",
  },
  {
    op: "Log",
    tolerance: transcendental,
    inputs: positive,
    ends: [1e-30, 1e-7, 0.99, 1, 1.01, 1e30],
    gradient: "differences",
  },
  { op: "Tanh", tolerance: transcendental, gradient: "differences" },
  { op: "Sigmoid", tolerance: transcendental, gradient: "differences" },
  { op: "Erf", tolerance: transcendental },
  { op: "Softplus", tolerance: transcendental, gradient: "differences" },
  { op: "Relu", tolerance: exact, gradient: "differences" },
  {
    op: "Relu6",
    tolerance: exact,
    ends: [...ENDS, 6, 5.999999, 6.000001],
    gradient: "differences",
  },
  { op: "Elu", tolerance: transcendental, gradient: "differences" },
  { op: "Selu", tolerance: transcendental, gradient: "differences" },
  { op: "LeakyRelu", tolerance: rounded, attributes: { alpha: 0.2 }, gradient: "differences" },
  { op: "Step", tolerance: exact, attributes: { alpha: 0.25 } },
  {
    op: "ClipByValue",
    tolerance: exact,
    attributes: { clipValueMin: -0.5, clipValueMax: 0.75 },
    gradient: "differences",
  },
];

const withAttributes = ({ attributes }: Function) => (attributes ? { attributes } : {});

function casesOf(entry: Function): OpCase[] {
  const { op, tolerance, gradient, inputs = normal, ends = ENDS } = entry;
  const shared = { op, tolerance, ...withAttributes(entry) };
  const erf = op === "Erf" ? ({ gradient: "reference" } as const) : {};
  return [
    {
      ...shared,
      name: "of a tensor of odd size",
      inputs: [inputs(3, 5, 7)],
      ...(gradient ? { gradient } : erf),
    },
    { ...shared, name: "of a scalar", inputs: [inputs()] },
    { ...shared, name: "of more elements than a workgroup has threads", inputs: [inputs(1037)] },
    { ...shared, name: "at the ends of its range", inputs: [list(ends)] },
    { ...shared, name: "of NaN among numbers", inputs: [list([Number.NaN, 1, 2])] },
  ];
}

/** What each function gives for the infinities; NaN is a case of its own. */
const OF_INFINITIES = ["Identity", "Abs", "Neg", "Relu", "Exp", "Tanh", "Sigmoid", "Square"];

export const elementwiseCases: readonly OpCase[] = [
  ...FUNCTIONS.flatMap(casesOf),
  ...FUNCTIONS.filter(({ op }) => OF_INFINITIES.includes(op)).map(
    (entry): OpCase => ({
      op: entry.op,
      name: "of the infinities",
      inputs: [list(NOT_NUMBERS)],
      tolerance: entry.tolerance,
    }),
  ),
  {
    op: "Relu",
    name: "at zero has the gradient 0",
    inputs: [list([0, -0, 1, -1])],
    tolerance: exact,
    gradient: "reference",
  },
  {
    op: "Step",
    name: "that is 0 below zero",
    inputs: [normal(2, 9)],
    attributes: { alpha: 0 },
    tolerance: exact,
  },
  {
    op: "Cast",
    name: "to whole numbers cuts toward zero",
    inputs: [list([0, 0.5, -0.5, 1.999, -1.999, 7, -7, 123456.7])],
    attributes: { dtype: "int32" },
    tolerance: exact,
  },
  {
    op: "Cast",
    name: "of whole numbers to floats",
    inputs: [integers(-1000, 1000, 3, 11)],
    attributes: { dtype: "float32" },
    tolerance: exact,
  },
  {
    op: "EluGrad",
    name: "on both sides of zero",
    inputs: [normal(4, 9), uniform(-0.99, 2, 4, 9)],
    tolerance: rounded,
  },
  {
    op: "EluGrad",
    name: "at zero",
    inputs: [normal(3), list([0, -1, 5])],
    tolerance: rounded,
  },
  {
    op: "Fill",
    name: "of any rank",
    inputs: [],
    attributes: { shape: [2, 3, 1, 4, 1, 5], value: -0.125 },
    tolerance: exact,
  },
  {
    op: "Fill",
    name: "of a scalar",
    inputs: [],
    attributes: { shape: [], value: 3 },
    tolerance: exact,
  },
];
