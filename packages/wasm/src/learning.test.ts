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

test("CountCorrect compares binary outputs with float and integer labels", async () => {
  const outputs = { shape: [6], data: [0.1, 0.9, 0.5, 0.6, 0.4, 0.99] };
  for (const dtype of ["float32", "int32"] as const) {
    const labels = { shape: [6], data: [0, 1, 0, 0, 1, 1], dtype };
    const attributes = { kind: "binary" };
    await expectLikeReference({
      op: "CountCorrect",
      inputs: [outputs, labels],
      output: { shape: [1] },
      attributes,
    });
  }
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

const schedule = { shape: [3, 3], data: [0.1, 10, 1000, 0.2, 5, 500, 0.05, 2, 50] };
const size = 21;
const gradients = numbers(size, 8).map((x, i) => (i % 5 === 0 ? x * 1e-20 : x));
const vector = { shape: [size] };
const positive = { shape: [size], data: numbers(size, 4).map(Math.abs) };

test.each([
  ["ApplySgd", [], {}, [0]],
  ["ApplyMomentum", [vector], { momentum: 0.9, useNesterov: false }, [0, 2]],
  ["ApplyMomentum", [vector], { momentum: 0.9, useNesterov: true }, [0, 2]],
  ["ApplyAdam", [vector, positive], { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, [0, 2, 3]],
])("%s follows the schedule, clipped and not", async (op, slots, attributes, changed) => {
  const inputs = [vector, { ...vector, data: gradients }, ...slots, schedule, scalar(10)];
  for (const [clipNorm, norm] of [
    [0, 0],
    [1, 2.5],
    [1, 0.5],
  ] as const) {
    const clipped = clipNorm > 0 ? [...inputs, { shape: [1], data: [norm] }] : inputs;
    const testCase = {
      op,
      inputs: clipped,
      changed,
      attributes: { ...attributes, clipNorm },
      step: 11,
    };
    await expectLikeReference(testCase);
  }
});

test("Adam turns moments below 1e-30 into zeros", async () => {
  const tiny = { shape: [4], data: [1e-32, -1e-32, 1e-29, 0] };
  const inputs = [
    { shape: [4] },
    { shape: [4], data: [0, 0, 0, 0] },
    tiny,
    tiny,
    schedule,
    scalar(0),
  ];
  const attributes = { clipNorm: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  const m = await compute(tested, { op: "ApplyAdam", inputs, changed: [2], attributes });
  expect(m.map((value) => value === 0)).toEqual([true, true, false, true]);
});

test("a step outside of the schedule makes the parameters NaN", async () => {
  const inputs = [vector, vector, schedule, scalar(0)];
  const values = await compute(tested, {
    op: "ApplySgd",
    inputs,
    changed: [0],
    attributes: { clipNorm: 0 },
    step: 3,
  });
  expect(values.every(Number.isNaN)).toBe(true);
});

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
