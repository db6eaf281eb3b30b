import { expect, test } from "vitest";
import { expectClose, floats, randomFloats, runCall } from "../test/run-call.js";

const nan = Number.NaN;

test("Softmax gives exp(x) over the row's sum", async () => {
  const x = floats([2, 3], [0, Math.log(2), Math.log(5), 7, 7, 7]);
  const expected = [0.125, 0.25, 0.625, 1 / 3, 1 / 3, 1 / 3];
  expectClose(await runCall("Softmax", [x], x), expected, 1e-15);
});

test("LogSoftmax is the logarithm of Softmax along the last axis of any rank", async () => {
  const x = randomFloats([2, 3, 4]);
  const probabilities = await runCall("Softmax", [x], x);
  expectClose(await runCall("LogSoftmax", [x], x), probabilities.map(Math.log));
});

test("logits too large for exp are no trouble", async () => {
  const x = floats([1, 3], [1000, 1000, -1000]);
  expectClose(await runCall("Softmax", [x], x), [0.5, 0.5, 0]);
  expectClose(await runCall("LogSoftmax", [x], x), [-Math.LN2, -Math.LN2, -2000 - Math.LN2]);
});

test("a NaN spoils its own row only", async () => {
  const x = floats([2, 2], [1, nan, 0, 0]);
  expect(await runCall("Softmax", [x], x)).toEqual([nan, nan, 0.5, 0.5]);
});
