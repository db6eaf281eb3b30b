import { expect, test } from "vitest";
import { expectClose, floats, integers, randomFloats, runCall } from "../test/run-call.js";

const nan = Number.NaN;
const sparse = { attributes: { kind: "sparse" } };
const oneHot = { attributes: { kind: "one-hot" } };

test("the loss of a row is minus the log of the label's probability", async () => {
  const logits = floats([2, 3], [0, Math.log(2), Math.log(5), 1, 1, 1]);
  const expected = [-Math.log(0.25), Math.log(3)];
  const labels = integers([2], [1, 2]);
  expectClose(
    await runCall("SoftmaxCrossEntropy", [logits, labels], { shape: [2] }, sparse),
    expected,
  );
  const dense = floats([2, 3], [0, 1, 0, 0, 0, 1]);
  expectClose(
    await runCall("SoftmaxCrossEntropy", [logits, dense], { shape: [2] }, oneHot),
    expected,
  );
});

test("dense labels need not sum to 1", async () => {
  const logits = floats([1, 2], [1, 3]);
  const labels = floats([1, 2], [2, 0.5]);
  const logSumExp = Math.log(Math.exp(1) + Math.exp(3));
  const loss = await runCall("SoftmaxCrossEntropy", [logits, labels], { shape: [1] }, oneHot);
  expectClose(loss, [2.5 * logSumExp - 2 - 1.5]);
});

test("huge logits neither overflow nor lose digits", async () => {
  const logits = floats([2, 2], [1e5, 0, 1e8, 1e8]);
  const labels = integers([2], [1, 0]);
  const losses = await runCall("SoftmaxCrossEntropy", [logits, labels], { shape: [2] }, sparse);
  expect(losses).toEqual([1e5, Math.LN2]);
});

test("a label that is no class gives NaN for its row, in the loss and in the gradient", async () => {
  const logits = floats([3, 2], [1, 2, 1, 2, 0, 0]);
  const labels = integers([3], [-1, 2, 0]);
  const losses = await runCall("SoftmaxCrossEntropy", [logits, labels], { shape: [3] }, sparse);
  expectClose(losses, [nan, nan, Math.LN2]);
  const inputs = [logits, labels, floats([3], [1, 1, 1])];
  const gradient = await runCall("SoftmaxCrossEntropyGrad", inputs, logits, sparse);
  expectClose(gradient, [nan, nan, nan, nan, -0.5, 0.5]);
});

test.each([
  ["sparse", integers([3], [2, 0, 3])],
  ["one-hot", randomFloats([3, 4], 5)],
])("the gradient for %s labels matches finite differences", async (kind, labels) => {
  const logits = randomFloats([3, 4], 1);
  const dLosses = floats([3], [0.5, -2, 1.25]);
  const options = { attributes: { kind } };
  const weightedLoss = async (values: readonly number[]) => {
    const inputs = [floats([3, 4], values), labels];
    const losses = await runCall("SoftmaxCrossEntropy", inputs, { shape: [3] }, options);
    return losses.reduce((sum, loss, row) => sum + loss * (dLosses.values[row] as number), 0);
  };
  const expected: number[] = [];
  for (const index of logits.values.keys()) {
    const move = (by: number) => logits.values.map((x, i) => (i === index ? x + by : x));
    const [above, below] = [await weightedLoss(move(1e-5)), await weightedLoss(move(-1e-5))];
    expected.push((above - below) / 2e-5);
  }
  const inputs = [logits, labels, dLosses];
  expectClose(await runCall("SoftmaxCrossEntropyGrad", inputs, logits, options), expected, 1e-8);
});

test("CountCorrect compares the first maximum with the label", async () => {
  const outputs = floats([4, 3], [1, 2, 0, 5, 5, 1, 0, 0, 1, 3, 2, 1]);
  const result = { shape: [1] };
  const labels = integers([4], [1, 1, 2, 0]);
  expect(await runCall("CountCorrect", [outputs, labels], result, sparse)).toEqual([3]);
  const dense = floats([4, 3], [0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0]);
  expect(await runCall("CountCorrect", [outputs, dense], result, oneHot)).toEqual([3]);
});
