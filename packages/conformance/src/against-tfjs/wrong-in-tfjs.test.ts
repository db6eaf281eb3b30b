/** Where stock tfjs itself is wrong: the right number by hand, Hone's beside it, and that tfjs's is another. */
import { compile, type Device } from "@hone/core";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, layers, metrics, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetOf, type ValuesByPort } from "./test/harness.js";
import { featureRows, labelRows, numberRows, smallNetwork } from "./test/models.js";

const ROWS = 40;
const VALIDATION = 10;

let device: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const tensorOf = (values: ValuesByPort, name: string, start = 0) => {
  const { shape, data } = values[name] as ValuesByPort[string];
  const all = tf.tensor(Float32Array.from(data), [ROWS, ...shape]);
  return tf.slice(all, [start, ...shape.map(() => 0)], [ROWS - start, ...shape]);
};

const numberOf = (tensor: tf.Tensor) => tf.mean(tensor).dataSync()[0] as number;

function twoOutputs() {
  const model = smallNetwork({
    kind: { units: 3, activation: "softmax" },
    size: { units: 2, activation: "linear" },
  });
  const x = featureRows(ROWS);
  const y: ValuesByPort = {
    kind: labelRows("categoricalCrossentropy", ROWS, 3),
    size: numberRows(ROWS, [2]),
  };
  const loss = { kind: "categoricalCrossentropy", size: "meanSquaredError" };
  model.compile({ optimizer: tf.train.sgd(0.1), loss, metrics: { size: "mae" } as never });
  return { model, x, y };
}

/** Of the rows from `start` on, by the functions of tfjs that are right. */
function byHand(model: LayersModel, x: ValuesByPort, y: ValuesByPort, start: number) {
  return tf.tidy(() => {
    const [kind, size] = model.predict(tensorOf(x, "features", start)) as [tf.Tensor, tf.Tensor];
    const kindLoss = numberOf(metrics.categoricalCrossentropy(tensorOf(y, "kind", start), kind));
    const sizeLoss = numberOf(metrics.meanSquaredError(tensorOf(y, "size", start), size));
    const error = numberOf(metrics.meanAbsoluteError(tensorOf(y, "size", start), size));
    return {
      loss: kindLoss + sizeLoss,
      kind_loss: kindLoss,
      size_loss: sizeLoss,
      size_mae: error,
    };
  });
}

const validated = (figures: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`val_${name}`, value]));

function expectNear(found: Readonly<Record<string, number | undefined>>, wanted: object): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted)) {
    expect(found[name], name).toBeCloseTo(value, 4);
  }
}

test("of several outputs, val_loss is the sum of their losses; tfjs says the first's, and sums as theirs", async () => {
  const { model, x, y } = twoOutputs();
  const session = await compile(model, { device });
  const { history } = await session.fit(datasetOf({ rows: ROWS, x, y }), {
    epochs: 1,
    batchSize: 8,
    shuffle: false,
    validation: VALIDATION / ROWS,
  });
  const told = (all: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(all)
        .filter(([name]) => name.startsWith("val_"))
        .map(([name, values]) => [name, (values as number[])[0] as number]),
    );
  const inTfjs = await model.fit(
    tensorOf(x, "features"),
    [tensorOf(y, "kind"), tensorOf(y, "size")],
    {
      epochs: 1,
      batchSize: 8,
      shuffle: false,
      verbose: 0,
      validationSplit: VALIDATION / ROWS,
    },
  );
  const right = validated(byHand(model, x, y, ROWS - VALIDATION));
  expectNear(told(history), right);
  const wrong = told(inTfjs.history);
  expect(wrong.val_loss).toBeCloseTo(right.val_kind_loss as number, 4);
  expect(wrong.val_kind_loss).toBeCloseTo(right.val_loss as number, 4);
  session.close();
});

test("evaluate says the sum of several losses first; tfjs says the first's", async () => {
  const { model, x, y } = twoOutputs();
  const session = await compile(model, { device });
  const { figures } = await session.evaluate(datasetOf({ rows: ROWS, x, y }), { batchSize: 7 });
  const right = byHand(model, x, y, 0);
  expectNear(figures, right);
  const [first] = model.evaluate(
    tensorOf(x, "features"),
    [tensorOf(y, "kind"), tensorOf(y, "size")],
    { batchSize: 7 },
  ) as tf.Scalar[];
  expect(first?.dataSync()[0]).toBeCloseTo(right.kind_loss, 4);
  session.close();
});

test("precision is that of the whole data set; tfjs says the mean of its batches", async () => {
  const model = smallNetwork({ out: { units: 3, activation: "sigmoid" } });
  // An answer counts when it is exactly 1: with weights so large nearly half of them are.
  const last = model.getLayer("out");
  const [kernel, bias] = last.getWeights() as [tf.Tensor, tf.Tensor];
  last.setWeights([tf.mul(kernel, 200), bias]);
  const x = featureRows(ROWS);
  const y = { out: labelRows("categoricalCrossentropy", ROWS, 3) };
  model.compile({
    optimizer: tf.train.sgd(0.1),
    loss: "meanSquaredError",
    metrics: ["precision"],
  });
  const session = await compile(model, { device });
  const { figures } = await session.evaluate(datasetOf({ rows: ROWS, x, y }), { batchSize: 8 });
  const answers = (model.predict(tensorOf(x, "features")) as tf.Tensor).dataSync();
  const told = [...answers.keys()].filter((at) => answers[at] === 1);
  const right = told.filter((at) => y.out.data[at] === 1).length / told.length;
  expect(right).toBeGreaterThan(0.1);
  expect(figures.precision).toBeCloseTo(right, 5);
  const [, wrong] = model.evaluate(tensorOf(x, "features"), tensorOf(y, "out"), {
    batchSize: 8,
  }) as tf.Scalar[];
  expect(Math.abs((wrong?.dataSync()[0] as number) - right)).toBeGreaterThan(0.001);
  session.close();
});

test("a model that was frozen after it was compiled learns as it was compiled; in tfjs half of it stands still", async () => {
  const dense = (name: string, more = {}) => layers.dense({ units: 3, name, ...more });
  const model = sequential({
    layers: [sequential({ layers: [dense("inner", { inputShape: [2] })] }), dense("outer")],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  const session = await compile(model, { device });
  model.trainable = false;
  const kernels = () => ["inner", "outer"].map((name) => kernelOf(name).dataSync().slice());
  const kernelOf = (name: string) =>
    model.weights
      .find(({ originalName }) => originalName === `${name}/kernel`)
      ?.read() as tf.Tensor;
  const start = kernels();
  const x = [
    [1, -2],
    [3, 0.5],
  ];
  const y = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  await session.trainOnBatch(x, y);
  const learned = (await session.weights()).filter(({ values }) => values.length > 3);
  const moves = learned.map(({ values }, at) =>
    values.some((value, k) => value !== start[at]?.[k]),
  );
  expect(moves).toEqual([true, true]);
  await model.trainOnBatch(tf.tensor2d(x), tf.tensor2d(y));
  const stock = kernels().map((values, at) => values.some((value, k) => value !== start[at]?.[k]));
  expect(stock).toEqual([true, false]);
  session.close();
});
