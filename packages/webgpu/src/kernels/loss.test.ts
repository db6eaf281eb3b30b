import { expect, test } from "vitest";
import {
  floats,
  floatsOf,
  integersOf,
  numbers,
  relativeError,
  runCall,
  type Value,
} from "../test/run-call.js";

function lossAndGradient(logits: Value, weights: ArrayLike<number>, dLosses: Value) {
  const [rows, columns] = logits.shape as [number, number];
  const losses = new Float64Array(rows);
  const gradient = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const x = [...logits.data.subarray(row * columns, (row + 1) * columns)];
    const w = Array.from(
      { length: columns },
      (_, column) => weights[row * columns + column] as number,
    );
    const largest = Math.max(...x);
    const total = x.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    const weight = w.reduce((a, b) => a + b, 0);
    const product = x.reduce((sum, value, column) => sum + value * (w[column] as number), 0);
    losses[row] = (largest + Math.log(total)) * weight - product;
    x.forEach((value, column) => {
      const probability = Math.exp(value - largest) / total;
      gradient[row * columns + column] =
        (probability * weight - (w[column] as number)) * (dLosses.data[row] as number);
    });
  }
  return { losses, gradient };
}

for (const columns of [10, 300]) {
  test(`SoftmaxCrossEntropy and its gradient are right for ${columns} classes, sparse and one-hot`, async () => {
    const rows = 33;
    const logits = floats([rows, columns], 2);
    for (let i = 0; i < logits.data.length; i++) logits.data[i] = (logits.data[i] as number) * 50;
    const dLosses = floats([rows], 3);
    const sparse = integersOf(
      [rows],
      Array.from({ length: rows }, (_, row) => (row * 7) % columns),
    );
    const hot = new Float32Array(rows * columns);
    sparse.data.forEach((label: number, row: number) => {
      hot[row * columns + label] = 1;
    });
    const soft = numbers([rows, columns], 5).map(Math.abs);
    for (const [kind, labels, weights] of [
      ["sparse", sparse, hot],
      ["one-hot", { shape: [rows, columns], data: soft }, soft],
    ] as const) {
      const right = lossAndGradient(logits, weights, dLosses);
      const [losses] = await runCall("SoftmaxCrossEntropy", {
        inputs: [logits, labels],
        outputs: [{ shape: [rows] }],
        attributes: { kind },
      });
      expect(relativeError(losses as Float32Array, right.losses)).toBeLessThan(3e-6);
      const [gradient] = await runCall("SoftmaxCrossEntropyGrad", {
        inputs: [logits, labels, dLosses],
        outputs: [{ shape: [rows, columns] }],
        attributes: { kind },
      });
      expect(relativeError(gradient as Float32Array, right.gradient)).toBeLessThan(5e-6);
    }
  });
}

test("a sparse label outside the classes gives NaN in its row alone", async () => {
  const logits = floats([4, 3]);
  const labels = integersOf([4], [0, 3, -1, 2]);
  const attributes = { kind: "sparse" };
  const [losses] = await runCall("SoftmaxCrossEntropy", {
    inputs: [logits, labels],
    outputs: [{ shape: [4] }],
    attributes,
  });
  expect(Array.from(losses ?? [], Number.isNaN)).toEqual([false, true, true, false]);
  const [gradient] = await runCall("SoftmaxCrossEntropyGrad", {
    inputs: [logits, labels, floatsOf([4], [1, 1, 1, 1])],
    outputs: [{ shape: [4, 3] }],
    attributes,
  });
  expect(Array.from(gradient ?? [], Number.isNaN).slice(0, 6)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});

test("CountCorrect counts sparse and one-hot answers", async () => {
  const rows = 700;
  const outputs = floats([rows, 4], 3);
  const labels = floats([rows, 4], 4);
  const largest = (data: ArrayLike<number>, row: number) => {
    const values = Array.from({ length: 4 }, (_, column) => data[row * 4 + column] as number);
    return values.indexOf(Math.max(...values));
  };
  const predicted = Array.from({ length: rows }, (_, row) => largest(outputs.data, row));
  const sparse = integersOf(
    [rows],
    predicted.map((value, row) => (row % 3 === 0 ? value : (value + 1) % 4)),
  );
  const counts = async (labelled: Value, kind: string) => {
    const [count] = await runCall("CountCorrect", {
      inputs: [outputs, labelled],
      outputs: [{ shape: [1] }],
      attributes: { kind },
    });
    return count?.[0];
  };
  expect(await counts(sparse, "sparse")).toBe(234);
  const hot = predicted.filter((value, row) => value === largest(labels.data, row)).length;
  expect(await counts(labels, "one-hot")).toBe(hot);
});

test("RecordStep writes any number of values into the step's row and nothing else", async () => {
  const ring = floats([3, 12]);
  const values = [
    floats([5], 2),
    integersOf([1], [7]),
    floats([2, 1], 4),
    floats([1], 5),
    floats([1], 6),
    floats([2], 7),
  ];
  const [after] = await runCall("RecordStep", { inputs: [ring, ...values], inPlace: [0], step: 7 });
  const expected = Float32Array.from(ring.data);
  expected.set(
    values.flatMap((value) => [...value.data]),
    12,
  );
  expect(after).toEqual(expected);
});
