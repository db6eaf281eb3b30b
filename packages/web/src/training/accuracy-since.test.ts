import { expect, test } from "vitest";
import { accuracySince } from "./accuracy-since.js";

test("an epoch's running mean is told apart into what came since", () => {
  const first = { epoch: 1, step: 10, accuracy: 0.5 };
  expect(accuracySince(undefined, first)).toBe(0.5);
  expect(accuracySince(first, { epoch: 1, step: 20, accuracy: 0.7 })).toBeCloseTo(0.9);
  expect(accuracySince(first, { epoch: 2, step: 5, accuracy: 0.8 })).toBe(0.8);
  expect(accuracySince(first, { epoch: 1, step: 11, accuracy: 0.6 })).toBe(1);
});
