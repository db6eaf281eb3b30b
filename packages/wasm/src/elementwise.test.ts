import { sizeOf } from "@hone/core/backend";
import { expect, test } from "vitest";
import { compute, expectLikeReference, numbers, tested } from "./test/one-op.js";

const special = [0, -0, 1, -1, 0.5, -0.5, 1e-8, -1e-8, 1e-3, 3, -3, 20, -20, 88, -88, 1e30, -1e30];
const extremes = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, 3e38];

function sweep(from: number, to: number, count = 501): number[] {
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

const unary: [string, number[]][] = [
  ["Abs", special],
  ["Neg", special],
  ["Sign", [...special, Number.NaN]],
  ["Sqrt", [0, 1, 2, 1e-8, 7, Number.NaN, -1, Number.POSITIVE_INFINITY]],
  ["Rsqrt", [1, 2, 1e-8, 7, Number.NaN]],
  ["Square", sweep(-3, 3)],
  ["Reciprocal", sweep(0.1, 9)],
  ["Relu", [...special, Number.NaN]],
  ["Relu6", [...special, 6, 7, Number.NaN]],
  ["Softplus", [...sweep(-30, 30), Number.NaN]],
  ["Identity", special],
];

test.each(unary)("%s agrees with the reference", async (op, data) => {
  const shape = [data.length];
  await expectLikeReference({ op, inputs: [{ shape, data }], output: { shape } });
});

/** Each value's own error, in units of its last place. */
async function worstUlps(op: string, data: number[], exact: (x: number) => number) {
  const shape = [data.length];
  const values = await compute(tested, { op, inputs: [{ shape, data }], output: { shape } });
  let worst = 0;
  data.forEach((x, i) => {
    const wanted = exact(Math.fround(x));
    const got = values[i] as number;
    if (!Number.isFinite(Math.fround(wanted))) {
      expect(got, `${op}(${x})`).toBe(Math.fround(wanted));
      return;
    }
    const ulp = 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(wanted) || 1e-60)) - 23);
    const error = Math.abs(got - wanted) / ulp;
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  });
  return worst;
}

test.each<[string, number, number[], (x: number) => number]>([
  ["Exp", 2, [...sweep(-104, 90, 3001), ...sweep(-1, 1), ...extremes], Math.exp],
  ["Log", 2, [...sweep(0.001, 3, 3001), 1e-40, 1e-38, 1e38, 0, -1, ...extremes], Math.log],
  ["Tanh", 3, [...sweep(-12, 12, 3001), ...sweep(-1e-3, 1e-3), ...extremes], Math.tanh],
  ["Sigmoid", 3, [...sweep(-87, 90, 3001), Number.NaN, -1e9, 1e9], (x) => 1 / (1 + Math.exp(-x))],
  [
    "Elu",
    3,
    [...sweep(-20, 2, 3001), ...sweep(-1e-3, 1e-3), ...extremes],
    (x) => (x >= 0 ? x : Math.expm1(x)),
  ],
])(
  "%s is exact to %i units in the last place, extremes and NaN included",
  async (op, ulps, data, exact) => {
    expect(await worstUlps(op, data, exact)).toBeLessThanOrEqual(ulps);
  },
);

test("Erf is within 3e-7 of the reference and ends at ±1", async () => {
  const data = [...sweep(-6, 6, 2001), ...sweep(-1e-3, 1e-3), ...extremes];
  const shape = [data.length];
  await expectLikeReference({ op: "Erf", inputs: [{ shape, data }], output: { shape } }, 3e-7);
});

test.each<[string, Record<string, number>]>([
  ["LeakyRelu", { alpha: 0.2 }],
  ["Step", { alpha: 0.3 }],
  ["ClipByValue", { clipValueMin: -0.5, clipValueMax: 2 }],
])("%s takes its attributes", async (op, attributes) => {
  const shape = [special.length + 1];
  const data = [...special, Number.NaN];
  await expectLikeReference({ op, inputs: [{ shape, data }], output: { shape }, attributes });
});

test("Selu and Fill agree with the reference, Fill in both types", async () => {
  await expectLikeReference({
    op: "Selu",
    inputs: [{ shape: [41], data: sweep(-20, 20, 41) }],
    output: { shape: [41] },
  });
  for (const dtype of ["float32", "int32"] as const) {
    const output = { shape: [7], dtype };
    await expectLikeReference({ op: "Fill", inputs: [], output, attributes: { value: -3 } });
  }
});

test("Cast truncates towards zero and goes back", async () => {
  const shape = [6];
  const data = [1.9, -1.9, 0.2, -7, 1e6, 3];
  await expectLikeReference({
    op: "Cast",
    inputs: [{ shape, data }],
    output: { shape, dtype: "int32" },
  });
  await expectLikeReference({
    op: "Cast",
    inputs: [{ shape, data: [1, -2, 3, 4, -5, 123456], dtype: "int32" }],
    output: { shape },
  });
});

const broadcasts = [
  [[7], [7]],
  [[3, 5], [5]],
  [
    [3, 5],
    [3, 1],
  ],
  [[5], [3, 5]],
  [[], [4, 3]],
  [[4, 3], []],
  [[], []],
  [[1, 1], [1]],
  [
    [2, 3, 4, 5],
    [1, 3, 1, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 1],
  ],
  [
    [2, 1, 3, 1, 2, 9],
    [1, 2, 1, 2, 1, 9],
  ],
  [
    [6, 1],
    [1, 33],
  ],
] as const;

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1),
  );
}

test.each([
  "Add",
  "Sub",
  "Multiply",
  "RealDiv",
  "Maximum",
  "Minimum",
  "SquaredDifference",
  "Greater",
  "LessEqual",
])("%s broadcasts as numpy does", async (op) => {
  for (const [a, b] of broadcasts) {
    const inputs = [{ shape: a }, { shape: b, data: numbers(sizeOf(b), 9).map((x) => x + 1.5) }];
    await expectLikeReference({ op, inputs, output: { shape: broadcast(a, b) } });
  }
});

test.each(["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"])(
  "%s compares floats and integers",
  async (op) => {
    const shape = [3, 5];
    const data = numbers(15).map((x) => Math.round(2 * x));
    for (const dtype of ["float32", "int32"] as const) {
      const inputs = [
        { shape, data, dtype },
        { shape: [5], data: [-1, 0, 1, 2, 0], dtype },
      ];
      await expectLikeReference({ op, inputs, output: { shape } });
    }
  },
);

test("a NaN on either side makes the maximum and minimum NaN", async () => {
  const shape = [5];
  const a = [Number.NaN, 1, 2, Number.NaN, 0];
  const b = [1, Number.NaN, 3, Number.NaN, -1];
  for (const op of ["Maximum", "Minimum"]) {
    await expectLikeReference({
      op,
      inputs: [
        { shape, data: a },
        { shape, data: b },
      ],
      output: { shape },
    });
  }
});

test("Pow and EluGrad agree with the reference", async () => {
  const shape = [9];
  const bases = [2, 3, 0, 0.5, -2, -2, 1e-3, 7, 1];
  const exponents = [3, 0.5, 2, -2, 3, 2, 1.5, 0, Number.NaN];
  const inputs = [
    { shape, data: bases },
    { shape, data: exponents },
  ];
  await expectLikeReference({ op: "Pow", inputs, output: { shape } });
  await expectLikeReference({ op: "EluGrad", inputs: [{ shape }, { shape }], output: { shape } });
});

test("Select broadcasts all three inputs", async () => {
  for (const shapes of [
    [[7], [7], [7]],
    [[3, 1], [3, 5], [5]],
    [[], [2, 3], [2, 3]],
    [[4, 1, 3], [], [4, 5, 3]],
  ]) {
    const output = shapes.reduce<number[]>((shape, other) => broadcast(shape, other), []);
    const [condition, ...others] = shapes.map((shape) => ({ shape }));
    const data = numbers(sizeOf(shapes[0] ?? [])).map((x) => Number(x > 0));
    await expectLikeReference({
      op: "Select",
      inputs: [{ shape: condition?.shape ?? [], data }, ...others],
      output: { shape: output },
    });
  }
});
