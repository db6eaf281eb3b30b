import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { compute, expectLikeReference, numbers, tested } from "./test/one-op.js";

const scalar = (value: number) => ({ shape: [1], data: [value], dtype: "int32" as const });

test.each([1, 2, 3, 5, 10, 33])(
  "cross-entropy of %i classes and its gradient agree",
  async (columns) => {
    const rows = 7;
    const logits = { shape: [rows, columns], data: numbers(rows * columns).map((x) => 8 * x) };
    const sparse = {
      shape: [rows],
      data: Array.from({ length: rows }, (_, i) =>
        i === 3 ? -1 : i === 4 ? columns : i % columns,
      ),
      dtype: "int32" as const,
    };
    const oneHot = { shape: [rows, columns], data: numbers(rows * columns, 5).map(Math.abs) };
    const losses = { shape: [rows] };
    for (const [kind, labels] of [
      ["sparse", sparse],
      ["one-hot", oneHot],
    ] as const) {
      const attributes = { kind };
      await expectLikeReference({
        op: "SoftmaxCrossEntropy",
        inputs: [logits, labels],
        output: losses,
        attributes,
      });
      const inputs = [logits, labels, losses];
      const output = { shape: [rows, columns] };
      await expectLikeReference({ op: "SoftmaxCrossEntropyGrad", inputs, output, attributes });
      await expectLikeReference({
        op: "CountCorrect",
        inputs: [logits, labels],
        output: { shape: [1] },
        attributes,
      });
    }
  },
);

test("cross-entropy stays finite for logits of a thousand", async () => {
  const inputs = [
    { shape: [2, 3], data: [1000, 0, -1000, -1000, 0, 1000] },
    { shape: [2], data: [0, 0], dtype: "int32" as const },
  ];
  const attributes = { kind: "sparse" };
  const losses = await compute(tested, {
    op: "SoftmaxCrossEntropy",
    inputs,
    output: { shape: [2] },
    attributes,
  });
  expect(losses).toEqual([0, 2000]);
});

test("RecordStep writes its values into the row of the step and no other", async () => {
  const inputs = [
    { shape: [3, 3] },
    { shape: [2] },
    { shape: [1], data: [7], dtype: "int32" as const },
  ];
  for (const step of [0, 2, 4]) {
    await expectLikeReference({ op: "RecordStep", inputs, changed: [0], step });
  }
});

test("Dropout draws the reference's masks for every length, step and seed", async () => {
  for (const [size, step, seed] of [
    [1, 0, 0],
    [16, 3, 7],
    [37, 1000, -5],
    [1001, 2, 12345],
  ] as const) {
    for (const rate of [0, 0.3, 0.5]) {
      const inputs = [{ shape: [size] }, scalar(seed)];
      const attributes = { rate, ordinal: 3 };
      await expectLikeReference({
        op: "Dropout",
        inputs,
        output: { shape: [size] },
        attributes,
        step,
      });
    }
  }
});

test("Random draws the reference's numbers for every length, step and seed", async () => {
  for (const [size, step, seed] of [
    [1, 0, 0],
    [2, 1, 9],
    [3, 70_001, -1],
    [16, 3, 7],
    [37, 1000, -5],
    [1001, 2, 12345],
    [40_003, 5, 1],
  ] as const) {
    for (const distribution of ["uniform", "normal"]) {
      const testCase = {
        op: "Random",
        inputs: [scalar(seed)],
        output: { shape: [size] },
        attributes: { shape: [size], distribution, ordinal: 3 },
        step,
      };
      await expectLikeReference(testCase, distribution === "uniform" ? 0 : 2e-7);
    }
  }
});

test("Random draws the same bits on one thread and on two", async () => {
  const alone = wasm({ worker: false, threads: 1 });
  const testCase = {
    op: "Random",
    inputs: [scalar(5)],
    output: { shape: [5003] },
    attributes: { shape: [5003], distribution: "normal", ordinal: 0 },
    step: 4,
  };
  expect(await compute(alone, testCase)).toEqual(await compute(tested, testCase));
});

test("ReadSchedule gives the step's row, and NaN outside of the schedule", async () => {
  const inputs = [{ shape: [3, 2], data: [9, 8, 0.1, 2, 7, 6] }, scalar(10)];
  for (const step of [10, 11, 12, 9, 13]) {
    await expectLikeReference({ op: "ReadSchedule", inputs, output: { shape: [2] }, step });
  }
});

const vector = { shape: [21] };

test("GlobalNorm and AssignMovingAverage agree with the reference", async () => {
  for (const length of [1, 6, 1000]) {
    await expectLikeReference({
      op: "GlobalNorm",
      inputs: [{ shape: [length] }],
      output: { shape: [1] },
    });
  }
  const inputs = [vector, vector];
  await expectLikeReference({
    op: "AssignMovingAverage",
    inputs,
    changed: [0],
    attributes: { decay: 0.99 },
  });
});
