/** What losses do beyond tfjs's names: edges of clips, encodings of labels, and options tfjs lacks. */
import "@tensorflow/tfjs-backend-cpu";
import "@hone/core/models";
import type { Device } from "@hone/core/backend";
import { lossOf, lossTensor, type NamedLoss } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, computed, type SmallInput } from "./test/small-graph.js";
import { tfjsLoss } from "./test/tfjs-loss.js";

let reference: Device;
beforeAll(async () => {
  await tf.ready();
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

const floats = (shape: readonly number[], ...values: number[]): SmallInput => ({
  shape,
  values: Float32Array.from(values),
});
const whole = (shape: readonly number[], ...values: number[]): SmallInput => ({
  shape,
  values: Int32Array.from(values),
});

/** The loss of an output made by `activation`, and its gradient for what stands before. */
function lossBehind(
  activation: string,
  given: unknown,
  x: SmallInput,
  labels: SmallInput,
): Promise<Answer> {
  const loss = lossOf(given) as NamedLoss;
  return computed(reference, [x, labels], (builder, [input, target]) =>
    lossTensor(builder, loss, builder.op(activation, [input as number]), target as number),
  );
}
const lossOfOutput = (given: unknown, x: SmallInput, labels: SmallInput) =>
  lossBehind("Identity", given, x, labels);

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, digits = 6): void {
  expect(found.length).toBe(wanted.length);
  for (const [at, value] of Array.from(wanted).entries()) {
    expect(found[at]).toBeCloseTo(value, digits);
  }
}

test("outputs that no softmax made are divided by their sum, which has a gradient too", async () => {
  const { values, gradient } = await lossOfOutput(
    "categoricalCrossentropy",
    floats([1, 2], 1 / 3, 1 / 3),
    floats([1, 2], 1, 0),
  );
  expectClose(values, [Math.LN2]);
  expectClose(gradient, [-1.5, 1.5]);
});

test("clips are at the float32 nearest to tfjs's bounds, on a device of 64 bits too", async () => {
  const { values } = await lossOfOutput("binaryCrossentropy", floats([1, 1], 1), floats([1, 1], 0));
  expect(values[0]).toBeCloseTo(Math.log(8388607 + 1), 5);
});

test("a saturated softmax or sigmoid keeps its gradient", async () => {
  const soft = await lossBehind(
    "Softmax",
    "categoricalCrossentropy",
    floats([1, 2], 60, 0),
    floats([1, 2], 0, 1),
  );
  expectClose(soft.values, [60]);
  expectClose(soft.gradient, [1, -1]);
  const sigmoid = await lossBehind(
    "Sigmoid",
    "binaryCrossentropy",
    floats([1, 1], 60),
    floats([1, 1], 0),
  );
  expectClose(sigmoid.values, [60]);
  expectClose(sigmoid.gradient, [1]);
});

describe.each(["Softmax", "Identity"])("class labels behind %s", (activation) => {
  const x = floats([3, 3], 0.1, 0.7, 0.2, 0.5, 0.2, 0.3, 0.3, 0.3, 0.4);
  test("are floats or whole numbers, with a last axis of 1 or without", async () => {
    const losses = await Promise.all(
      [
        whole([3], 1, 0, 2),
        whole([3, 1], 1, 0, 2),
        floats([3], 1, 0, 2),
        floats([3, 1], 1, 0, 2),
        floats([3], 1.5, 0.9, 2),
      ].map((labels) => lossBehind(activation, "sparseCategoricalCrossentropy", x, labels)),
    );
    for (const { values, gradient, shape } of losses) {
      expect(shape).toEqual([3]);
      expectClose(values, losses[0]?.values as ArrayLike<number>, 12);
      expectClose(gradient, losses[0]?.gradient as ArrayLike<number>, 12);
    }
  });
});

test("labels of another number than the outputs are refused with both shapes", async () => {
  await expect(
    lossOfOutput("meanSquaredError", floats([2, 2], 1, 2, 3, 4), floats([2], 1, 2)),
  ).rejects.toThrow(
    "[hone] loss meanSquaredError: the model gives [2,2], the data's labels are [2]. Check the last layer's units and the labels' encoding.",
  );
});

/** A loss written in tfjs, of labels and what stands before the activation. */
type Written = (y: tf.Tensor, x: tf.Tensor) => tf.Tensor;

async function expectAs(
  activation: string,
  given: unknown,
  x: SmallInput,
  labels: SmallInput,
  written: Written,
): Promise<void> {
  const found = await lossBehind(activation, given, x, labels);
  const wanted = tf.tidy(() => {
    const y = tf.tensor(Float32Array.from(labels.values), [...labels.shape]);
    const at = tf.tensor(x.values, [...x.shape]);
    return {
      values: written(y, at).dataSync(),
      gradient: tf
        .grad((input) => tf.mean(written(y, input)))(at)
        .dataSync(),
    };
  });
  expectClose(found.values, wanted.values, 5);
  expectClose(found.gradient, wanted.gradient, 5);
}

const logits = floats([2, 3], 0.5, -1, 2, 1, 0, -0.5);
const hot = floats([2, 3], 0, 0, 1, 1, 0, 0);
const yesNo = floats([2, 3], 1, 0, 1, 0, 0.5, 1);
const logLoss = (y: tf.Tensor, p: tf.Tensor) =>
  tf.neg(tf.add(tf.mul(y, tf.log(p)), tf.mul(tf.sub(1, y), tf.log(tf.sub(1, p))))) as tf.Tensor;
const smoothed = (y: tf.Tensor, share: number, middle: number) =>
  tf.add(tf.mul(y, 1 - share), share * middle) as tf.Tensor;
const entropy = (y: tf.Tensor, p: tf.Tensor) =>
  tf.neg(tf.sum(tf.mul(y, tf.log(p)), -1)) as tf.Tensor;

test.each([0.5, 1, 3])("huber bends at %f as tf.losses.huberLoss does", async (delta) => {
  const [x, y] = [floats([2, 3], 0, 1, 5, -2, 0.25, 0.5), floats([2, 3], 0, 0, 0, 0, 0, 1)];
  await expectAs("Identity", { name: "huber", delta }, x, y, (labels, output) =>
    tf.mean(
      tf.losses.huberLoss(labels, output, undefined, delta, tf.Reduction.NONE) as tf.Tensor,
      -1,
    ),
  );
});

test("logits are told, or found behind the activation: the loss is the same", async () => {
  const cases = [
    ["categoricalCrossentropy", "Softmax", hot],
    ["sparseCategoricalCrossentropy", "Softmax", whole([2], 2, 0)],
    ["binaryCrossentropy", "Sigmoid", yesNo],
    ["categoricalFocalCrossentropy", "Softmax", hot],
    ["binaryFocalCrossentropy", "Sigmoid", yesNo],
  ] as const;
  for (const [name, activation, labels] of cases) {
    const told = await lossOfOutput({ name, fromLogits: true }, logits, labels);
    const found = await lossBehind(activation, name, logits, labels);
    expectClose(told.values, found.values, 12);
    expectClose(told.gradient, found.gradient, 12);
  }
});

test("logits of class indices are not clipped, as tfjs's function of that option clips them", async () => {
  const loss = { name: "sparseCategoricalCrossentropy", fromLogits: true };
  const { values } = await lossOfOutput(loss, floats([1, 2], 5, -3), whole([1], 1));
  expect(values[0]).toBeCloseTo(8 + Math.log1p(Math.exp(-8)), 6);
  const stock = tf.tidy(() =>
    tfjsLoss("sparseCategoricalCrossentropy")(tf.tensor1d([1]), tf.tensor2d([[5, -3]]), true),
  );
  expect(stock.dataSync()[0]).toBeCloseTo(1 + Math.log1p(Math.exp(-1)), 5);
});

describe("smoothed labels", () => {
  const labelSmoothing = 0.2;
  test("are mixed with equal shares of all classes", async () => {
    const written: Written = (y, x) => entropy(smoothed(y, 0.2, 1 / 3), tf.softmax(x));
    const named = (name: string) => ({ name, labelSmoothing });
    await expectAs("Softmax", named("categoricalCrossentropy"), logits, hot, written);
    const classes = whole([2], 2, 0);
    await expectAs("Softmax", named("sparseCategoricalCrossentropy"), logits, classes, (_, x) =>
      written(tf.tensor(hot.values, [2, 3]), x),
    );
  });
  test("of yes and no are mixed with a half", async () => {
    const loss = { name: "binaryCrossentropy", labelSmoothing };
    await expectAs("Sigmoid", loss, logits, yesNo, (y, x) =>
      tf.mean(logLoss(smoothed(y, 0.2, 0.5), tf.sigmoid(x)), -1),
    );
  });
});

const rowShares = (x: tf.Tensor) => tf.div(x, tf.sum(x, -1, true)) as tf.Tensor;
const shares = floats([2, 3], 0.2, 0.5, 0.1, 0.7, 0.9, 0.3);

describe.each([0, 0.5, 1, 2, 3.5])("focal with a gamma of %f", (gamma) => {
  const categorical = (y: tf.Tensor, p: tf.Tensor): tf.Tensor => {
    const factor = tf.pow(tf.sub(1, p), gamma);
    return tf.mul(0.4, tf.sum(tf.mul(factor, tf.mul(y, tf.neg(tf.log(p)))), -1));
  };
  const binary = (y: tf.Tensor, p: tf.Tensor): tf.Tensor => {
    const hit = tf.add(tf.mul(y, p), tf.mul(tf.sub(1, y), tf.sub(1, p)));
    const weight = tf.add(tf.mul(y, 0.3), tf.mul(tf.sub(1, y), 0.7));
    return tf.mean(tf.mul(weight, tf.mul(tf.pow(tf.sub(1, hit), gamma), logLoss(y, p))), -1);
  };
  test("is Keras's, of classes", async () => {
    const loss = { name: "categoricalFocalCrossentropy", gamma, alpha: 0.4 };
    await expectAs("Softmax", loss, logits, hot, (y, x) => categorical(y, tf.softmax(x)));
    await expectAs("Identity", loss, shares, hot, (y, x) => categorical(y, rowShares(x)));
  });
  test("is Keras's, of yes and no", async () => {
    const loss = { name: "binaryFocalCrossentropy", gamma, alpha: 0.3 };
    await expectAs("Sigmoid", loss, logits, yesNo, (y, x) => binary(y, tf.sigmoid(x)));
    await expectAs("Identity", loss, shares, yesNo, (y, x) => binary(y, x));
  });
});

test("focal without alpha weighs yes and no alike, and stays finite where it is sure", async () => {
  const loss = { name: "binaryFocalCrossentropy", gamma: 0 };
  const plain = await lossBehind("Sigmoid", "binaryCrossentropy", logits, yesNo);
  expectClose((await lossBehind("Sigmoid", loss, logits, yesNo)).values, plain.values, 12);
  const sure = await lossBehind(
    "Sigmoid",
    { name: "binaryFocalCrossentropy", gamma: 0.5 },
    floats([1, 1], 90),
    floats([1, 1], 1),
  );
  expect(sure.values[0]).toBeCloseTo(0, 12);
  expect(sure.gradient[0]).toBeCloseTo(0, 12);
});
