import { reductionExtents, type Shape } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, floatsOf, relativeError, runCall } from "../test/run-call.js";

const combine: Record<string, (a: number, b: number) => number> = {
  Sum: (a, b) => a + b,
  Max: Math.max,
  Min: Math.min,
};

const cases: readonly (readonly [Shape, readonly number[]])[] = [
  [[64, 10], [1]],
  [[64, 128], [0]],
  [[3, 5000], [1]],
  [[5000, 3], [0]],
  [[40_000, 32], [0]],
  [[200_001], [0]],
  [
    [2, 7, 9, 5],
    [1, 2],
  ],
  [[2, 1, 3], [1]],
  [[1], [0]],
  [
    [300, 300],
    [0, 1],
  ],
];

for (const [shape, axes] of cases) {
  test(`Sum, Max and Min reduce [${shape}] over [${axes}]`, async () => {
    const x = floats(shape, 4);
    const { outer, reduce, inner } = reductionExtents(shape, axes);
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    for (const [op, join] of Object.entries(combine)) {
      const [y] = await runCall(op, {
        inputs: [x],
        outputs: [{ shape: kept }],
        attributes: { axes },
      });
      const expected = new Float64Array(outer * inner);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let sum = x.data[o * reduce * inner + i] as number;
          for (let r = 1; r < reduce; r++) {
            sum = join(sum, x.data[(o * reduce + r) * inner + i] as number);
          }
          expected[o * inner + i] = sum;
        }
      }
      expect(relativeError(y as Float32Array, expected)).toBeLessThan(op === "Sum" ? 3e-6 : 1e-9);
    }
  });
}

test("Max and Min keep a NaN wherever it stands", async () => {
  for (const place of [0, 17, 999]) {
    const x = floats([1000]);
    x.data[place] = Number.NaN;
    for (const op of ["Max", "Min", "Sum"]) {
      const [y] = await runCall(op, {
        inputs: [x],
        outputs: [{ shape: [] }],
        attributes: { axes: [0] },
      });
      expect(y?.[0]).toBeNaN();
    }
  }
});

test("ArgMax gives the first maximum", async () => {
  const [y] = await runCall("ArgMax", {
    inputs: [floatsOf([3, 4], [1, 5, 5, 2, -1, -1, -1, -1, 0, 1, 2, 3])],
    outputs: [{ shape: [3], dtype: "int32" }],
  });
  expect([...(y ?? [])]).toEqual([1, 0, 3]);
});

for (const columns of [1, 10, 17, 1000]) {
  test(`Softmax and LogSoftmax are stable over rows of ${columns}`, async () => {
    const x = floats([37, columns], 3);
    for (let i = 0; i < x.data.length; i++) x.data[i] = (x.data[i] as number) * 200;
    const expected = new Float64Array(x.data.length);
    for (let row = 0; row < 37; row++) {
      const values = [...x.data.subarray(row * columns, (row + 1) * columns)];
      const largest = Math.max(...values);
      const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
      values.forEach((value, column) => {
        expected[row * columns + column] = value - largest - Math.log(total);
      });
    }
    const shape = [37, columns];
    const [log] = await runCall("LogSoftmax", { inputs: [x], outputs: [{ shape }] });
    const [soft] = await runCall("Softmax", { inputs: [x], outputs: [{ shape }] });
    expect(relativeError(log as Float32Array, expected)).toBeLessThan(1e-6);
    expect(relativeError(soft as Float32Array, expected.map(Math.exp))).toBeLessThan(5e-6);
  });
}

test("a NaN fills its row of a Softmax and no other", async () => {
  const x = floats([3, 5]);
  x.data[7] = Number.NaN;
  const [y] = await runCall("Softmax", { inputs: [x], outputs: [{ shape: [3, 5] }] });
  expect(Array.from(y ?? [], Number.isNaN)).toEqual(
    Array.from({ length: 15 }, (_, index) => index >= 5 && index < 10),
  );
});

test("GlobalNorm is the root of the sum of squares, short and long", async () => {
  for (const length of [3, 113_408]) {
    const x = floats([length]);
    const [y] = await runCall("GlobalNorm", { inputs: [x], outputs: [{ shape: [1] }] });
    let squares = 0;
    for (const value of x.data) squares += value * value;
    expect((y?.[0] as number) / Math.sqrt(squares)).toBeCloseTo(1, 5);
  }
});
