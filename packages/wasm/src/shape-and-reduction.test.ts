import { sizeOf } from "@hone/core/backend";
import { expect, test } from "vitest";
import { compute, expectLikeReference, numbers, tested } from "./test/one-op.js";

test.each([
  [
    [5, 7],
    [1, 0],
  ],
  [
    [8, 12],
    [1, 0],
  ],
  [
    [1, 9],
    [1, 0],
  ],
  [
    [3, 5, 6],
    [0, 2, 1],
  ],
  [
    [3, 5, 6],
    [1, 0, 2],
  ],
  [
    [3, 5, 6],
    [2, 0, 1],
  ],
  [
    [2, 3, 4, 5],
    [0, 3, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [3, 2, 1, 0],
  ],
  [
    [2, 1, 3, 2, 1, 4],
    [5, 3, 0, 1, 4, 2],
  ],
])("Transpose of [%s] by [%s] agrees with the reference", async (shape, perm) => {
  const output = { shape: perm.map((axis) => shape[axis] as number) };
  await expectLikeReference(
    { op: "Transpose", inputs: [{ shape }], output, attributes: { perm } },
    0,
  );
});

test("Concat joins along any axis, integers too", async () => {
  for (const axis of [0, 1, 2]) {
    const shapes = [1, 4, 3].map((extent) =>
      [2, 3, 5].map((other, at) => (at === axis ? extent : other)),
    );
    const output = [2, 3, 5].map((other, at) => (at === axis ? 8 : other));
    for (const dtype of ["float32", "int32"] as const) {
      const inputs = shapes.map((shape, index) => ({
        shape,
        dtype,
        data: numbers(sizeOf(shape), index).map((x) => Math.round(100 * x)),
      }));
      await expectLikeReference(
        { op: "Concat", inputs, output: { shape: output, dtype }, attributes: { axis } },
        0,
      );
    }
  }
});

test("Slice, PadV2 and Tile agree with the reference", async () => {
  const inputs = [{ shape: [3, 4, 5] }];
  for (const [begin, size] of [
    [
      [1, 0, 2],
      [2, 4, 3],
    ],
    [
      [0, 2, 0],
      [3, 1, 5],
    ],
    [
      [2, 3, 4],
      [1, 1, 1],
    ],
  ] as const) {
    await expectLikeReference(
      { op: "Slice", inputs, output: { shape: size }, attributes: { begin, size } },
      0,
    );
  }
  const paddings = [1, 0, 0, 2, 3, 1];
  const attributes = { paddings, constantValue: -2.5 };
  await expectLikeReference({ op: "PadV2", inputs, output: { shape: [4, 6, 9] }, attributes }, 0);
  for (const reps of [
    [2, 1, 3],
    [1, 3, 1],
    [1, 1, 1],
  ]) {
    const shape = [3, 4, 5].map((extent, axis) => extent * (reps[axis] as number));
    await expectLikeReference({ op: "Tile", inputs, output: { shape }, attributes: { reps } }, 0);
  }
  const column = { op: "Tile", inputs: [{ shape: [6, 1] }], output: { shape: [6, 9] } };
  await expectLikeReference({ ...column, attributes: { reps: [1, 9] } }, 0);
});

const reductions: [number[], number[]][] = [
  [[7], [0]],
  [[3, 33], [1]],
  [[33, 3], [0]],
  [[5, 70], [0]],
  [[2, 300, 37], [1]],
  [
    [2, 3, 4, 5],
    [1, 2],
  ],
  [
    [4, 5000],
    [0, 1],
  ],
  [[3, 1, 2], [1]],
];

test.each(["Sum", "Max", "Min"])("%s reduces contiguous axes of any width", async (op) => {
  for (const [shape, axes] of reductions) {
    const output = shape.filter((_, axis) => !axes.includes(axis));
    await expectLikeReference({
      op,
      inputs: [{ shape }],
      output: { shape: output },
      attributes: { axes },
    });
  }
});

test("a NaN makes the sum, maximum and minimum NaN wherever it stands", async () => {
  for (const at of [0, 3, 17, 40, 42]) {
    const data = numbers(43);
    data[at] = Number.NaN;
    for (const op of ["Sum", "Max", "Min"]) {
      const inputs = [{ shape: [43], data }];
      await expectLikeReference({ op, inputs, output: { shape: [] }, attributes: { axes: [0] } });
    }
  }
});

test("a long sum of equal terms keeps its digits", async () => {
  const shape = [1 << 18];
  const data = new Float32Array(shape[0] as number).fill(0.1);
  const testCase = {
    op: "Sum",
    inputs: [{ shape, data }],
    output: { shape: [] },
    attributes: { axes: [0] },
  };
  const [sum] = await compute(tested, testCase);
  expect(sum).toBeCloseTo(26214.4, 1);
});

test("ArgMax takes the first of equal maxima", async () => {
  const data = [1, 3, 3, 0, 0, 0, -1, -5, -1, Number.NaN, 2, 1];
  const output = { shape: [4], dtype: "int32" as const };
  const testCase = { op: "ArgMax", inputs: [{ shape: [4, 3], data }], output };
  expect(await compute(tested, testCase)).toEqual([1, 0, 0, 0]);
});

test.each(["Softmax", "LogSoftmax"])("%s is stable for rows of any length", async (op) => {
  for (const columns of [1, 2, 3, 4, 5, 10, 33]) {
    const shape = [3, columns];
    const data = numbers(3 * columns, columns).map((x, i) => x * (i < columns ? 1 : 200));
    await expectLikeReference({ op, inputs: [{ shape, data }], output: { shape } });
  }
  const shape = [2, 3];
  const data = [1, Number.NaN, 2, 1000, 0, -1000];
  await expectLikeReference({ op, inputs: [{ shape, data }], output: { shape } });
});
