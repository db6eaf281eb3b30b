import { expect, test } from "vitest";
import { median, quantile, spreadOf } from "./index.js";

test("a quantile lies between its neighbours, whatever their order", () => {
  const values = [4, 1, 3, 2, 5];
  expect(quantile(values, 0)).toBe(1);
  expect(quantile(values, 0.5)).toBe(3);
  expect(quantile(values, 0.95)).toBeCloseTo(4.8, 12);
  expect(quantile(values, 1)).toBe(5);
  expect(values).toEqual([4, 1, 3, 2, 5]);
});

test("a median of an even count is the mean of the two in the middle", () => {
  expect(median([1, 2, 10, 3])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test("nothing has no median and no spread", () => {
  expect(median([])).toBeNaN();
  expect(spreadOf([])).toBeUndefined();
  expect(spreadOf([3, 1])).toEqual({ median: 2, least: 1, most: 3, count: 2 });
});
