import { expect, test } from "vitest";
import { expectClose, floats, randomFloats, runCall } from "../test/run-call.js";

const nan = Number.NaN;
const halves = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };

test("MaxPool takes each window's largest value, channel by channel", async () => {
  const x = floats([1, 2, 4, 2], [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8, -8]);
  const y = await runCall("MaxPool", [x], { shape: [1, 1, 2, 2] }, { attributes: halves });
  expect(y).toEqual([6, -1, 8, -3]);
});

test("rows and columns that fill no window are left out, and get no gradient", async () => {
  const x = floats([1, 3, 3, 1], [1, 2, 9, 4, 3, 9, 9, 9, 9]);
  const y = floats([1, 1, 1, 1], [4]);
  expect(await runCall("MaxPool", [x], y, { attributes: halves })).toEqual([4]);
  const dy = floats([1, 1, 1, 1], [5]);
  const dx = await runCall("MaxPoolGrad", [dy, x, y], x, { attributes: halves });
  expect(dx).toEqual([0, 0, 0, 5, 0, 0, 0, 0, 0]);
});

test("of equal maxima the first in row order takes the gradient", async () => {
  const x = floats([1, 2, 4, 1], [1, 7, 0, 0, 7, 7, 0, 0]);
  const [y, dy] = [floats([1, 1, 2, 1], [7, 0]), floats([1, 1, 2, 1], [3, 2])];
  const dx = await runCall("MaxPoolGrad", [dy, x, y], x, { attributes: halves });
  expect(dx).toEqual([0, 3, 2, 0, 0, 0, 0, 0]);
});

test("overlapping windows add their gradients", async () => {
  const attributes = { filterSize: [1, 2], strides: [1, 1], padding: [0, 0, 0, 0] };
  const x = floats([1, 1, 3, 1], [1, 5, 2]);
  const [y, dy] = [floats([1, 1, 2, 1], [5, 5]), floats([1, 1, 2, 1], [10, 1])];
  expect(await runCall("MaxPoolGrad", [dy, x, y], x, { attributes })).toEqual([0, 11, 0]);
});

test("padding never wins, not even over negative values or −Infinity", async () => {
  const attributes = { filterSize: [2, 2], strides: [2, 2], padding: [1, 0, 1, 0] };
  const x = floats([1, 1, 1, 2], [-5, Number.NEGATIVE_INFINITY]);
  const y = await runCall("MaxPool", [x], { shape: [1, 1, 1, 2] }, { attributes });
  expect(y).toEqual([-5, Number.NEGATIVE_INFINITY]);
  const operands = [floats([1, 1, 1, 2], [3, 4]), x, floats([1, 1, 1, 2], y)];
  expect(await runCall("MaxPoolGrad", operands, x, { attributes })).toEqual([3, 4]);
});

test("a NaN wins its window", async () => {
  const x = floats([1, 2, 2, 1], [9, nan, 1, nan]);
  const y = floats(
    [1, 1, 1, 1],
    await runCall("MaxPool", [x], { shape: [1, 1, 1, 1] }, { attributes: halves }),
  );
  expect(y.values).toEqual([nan]);
  const dy = floats([1, 1, 1, 1], [1]);
  expect(await runCall("MaxPoolGrad", [dy, x, y], x, { attributes: halves })).toEqual([0, 1, 0, 0]);
});

test("AvgPool divides by the cells that are not padding", async () => {
  const attributes = { filterSize: [2, 2], strides: [2, 2], padding: [1, 0, 0, 1] };
  const x = floats([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const y = await runCall("AvgPool", [x], { shape: [1, 2, 2, 1] }, { attributes });
  expect(y).toEqual([1.5, 3, 6, 7.5]);
});

test("AvgPoolGrad spreads each value over the cells it came from", async () => {
  const attributes = { filterSize: [2, 2], strides: [2, 2], padding: [1, 0, 0, 1] };
  const dy = floats([1, 2, 2, 1], [2, 1, 4, 6]);
  const dx = await runCall("AvgPoolGrad", [dy], { shape: [1, 3, 3, 1] }, { attributes });
  expect(dx).toEqual([1, 1, 1, 1, 1, 3, 1, 1, 3]);
});

test("AvgPoolGrad is the transpose of AvgPool when windows overlap", async () => {
  const attributes = { filterSize: [3, 2], strides: [1, 2], padding: [1, 1, 0, 1] };
  const [x, dy] = [randomFloats([2, 4, 5, 2], 1), randomFloats([2, 4, 3, 2], 2)];
  const y = await runCall("AvgPool", [x], dy, { attributes });
  const dx = await runCall("AvgPoolGrad", [dy], x, { attributes });
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
  expectClose([dot(y, dy.values)], [dot(x.values, dx)]);
});
