import { expect, test } from "vitest";
import { accuracyTargets, timeToAccuracy } from "./index.js";

const points = (...accuracies: number[]) =>
  accuracies.map((accuracy, index) => ({ epochs: index + 1, seconds: 10 * (index + 1), accuracy }));

test("an accuracy is reached where the next evaluation still has it", () => {
  expect(timeToAccuracy(points(0.9, 0.98, 0.985), 0.98)).toEqual({ accuracy: 0.98, seconds: 20 });
  expect(timeToAccuracy(points(0.98, 0.98), 0.98).seconds).toBe(10);
});

test("a crossing that falls back does not count, and the first that holds does", () => {
  expect(timeToAccuracy(points(0.98, 0.97, 0.98, 0.981, 0.97), 0.98).seconds).toBe(30);
  expect(timeToAccuracy(points(0.98, 0.97, 0.98, 0.97), 0.98).seconds).toBeNull();
});

test("a crossing at the last evaluation is not known to hold", () => {
  expect(timeToAccuracy(points(0.9, 0.99), 0.98).seconds).toBeNull();
  expect(timeToAccuracy([], 0.98).seconds).toBeNull();
});

test("each official data set has its accuracies, and others have none", () => {
  expect(accuracyTargets("mnist")).toEqual([0.97, 0.98, 0.99]);
  expect(accuracyTargets("fashion-mnist")).toEqual([0.85, 0.9]);
  expect(accuracyTargets("digits")).toEqual([]);
});
