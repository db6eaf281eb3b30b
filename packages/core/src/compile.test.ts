import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "./backend.js";
import { compile } from "./compile.js";
import { sgd } from "./graph/optimizer.js";
import type { PlainDataset } from "./run/dataset.js";

let device: Device;

beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const ROWS = 10;
const FEATURES = 4;

/** Nothing learns at this rate, so an epoch's figures are those of the data set. */
const still = sgd(1e-30);

function dense(units: number, activation?: "softmax") {
  return layers.dense({ units, inputShape: [FEATURES], ...(activation ? { activation } : {}) });
}

function dataWith(y: Float32Array | Uint8Array, shape: readonly number[], scale = 1): PlainDataset {
  const x = Float32Array.from({ length: ROWS * FEATURES }, (_, index) => Math.sin(index * index));
  const columns = {
    x: { data: x, shape: [FEATURES], scale: 1, offset: 0 },
    y: { data: y, shape, scale, offset: scale < 0 ? -scale : 0 },
  };
  return { name: "numbers", rows: ROWS, columns };
}

/** Targets whose last rows stand out, so that a wrong weight of the short batch shows. */
const targets = (columns: number) =>
  Float32Array.from({ length: ROWS * columns }, (_, index) => (index < 9 * columns ? 0.1 : 9));

const meanSquare = (yTrue: tfc.Tensor, yPred: tfc.Tensor) =>
  tfc.mean(tfc.square(tfc.sub(yTrue, yPred)));

test("a loss function that gives one number a batch weighs a short batch by its rows", async () => {
  const model = sequential({ layers: [dense(3)] });
  const custom = await compile(model, { device, loss: meanSquare, optimizer: still });
  const named = await compile(model, { device, loss: "meanSquaredError", optimizer: still });
  const data = dataWith(targets(3), [3]);
  const wanted = (await named.evaluate(data)).loss;
  expect((await custom.evaluate(data, { batchSize: 9 })).loss).toBeCloseTo(wanted, 5);
  const { history } = await custom.fit(data, { epochs: 1, batchSize: 9 });
  expect(history.loss?.[0]).toBeCloseTo(wanted, 5);
  custom.close();
  named.close();
});

test("a model with a loss function predicts batches of several sizes", async () => {
  const model = sequential({ layers: [dense(3)] });
  const session = await compile(model, { device, loss: meanSquare });
  for (const rows of [1, 4, 3]) {
    const { shape } = await session.predict(new Float32Array(rows * FEATURES));
    expect(shape).toEqual([rows, 3]);
  }
  session.close();
});

test("a layer that looks across the batch predicts from the rows given and no others", async () => {
  class Centre extends layers.Layer {
    static readonly className = "Centre";
    override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
      const x = Array.isArray(inputs) ? (inputs[0] as tfc.Tensor) : inputs;
      return tfc.tidy(() => tfc.sub(x, tfc.mean(x, 0)));
    }
  }
  const model = sequential({ layers: [dense(3), new Centre({})] });
  const session = await compile(model, { device, loss: meanSquare });
  const x = tfc.tensor2d(
    Float32Array.from({ length: 3 * FEATURES }, (_, at) => at),
    [3, FEATURES],
  );
  const wanted = (model.predict(x) as tfc.Tensor).dataSync();
  const { data } = await session.predict(x);
  for (const [at, value] of wanted.entries()) expect(data[at]).toBeCloseTo(value, 4);
  session.close();
});

test("labels of another size than the loss function takes are refused with both shapes", async () => {
  const model = sequential({ layers: [dense(3)] });
  const session = await compile(model, { device, loss: meanSquare });
  await expect(session.fit(dataWith(targets(1), []))).rejects.toThrow(
    /a row of the labels is \[\], the loss takes \[3\]\. Give `compile` the `labelShape`/,
  );
  session.close();
});

test("a device of another version of the contract is refused before anything is captured", async () => {
  const { specVersion: _, ...target } = device.target;
  const older = { ...device, info: device.info, target } as unknown as typeof device;
  older.load = device.load;
  await expect(
    compile(sequential({ layers: [dense(1)] }), { device: older }),
  ).rejects.toMatchObject({
    kind: "BackendUnavailable",
    message:
      "[hone] cpu: the backend speaks version undefined of the contract, this core version 1. Install the backend and @hone/core from one release.",
  });
});

test("explain takes the label shape of a loss function, and refuses a batch of none", async () => {
  const loss = (yTrue: tfc.Tensor, yPred: tfc.Tensor) =>
    tfc.sub(tfc.mean(yPred, 1), tfc.mean(yTrue, 1));
  const model = sequential({ layers: [dense(3, "softmax")] });
  const session = await compile(model, { device, loss, labelShape: [1] });
  expect((await session.explain({ batchSize: 1 })).calls.length).toBeGreaterThan(5);
  await expect(session.explain({ batchSize: 0 })).rejects.toThrow(/batchSize is 0/);
  session.close();
});

test("a model that gives one number a row, without an axis for it, is judged row by row", async () => {
  const model = sequential({ layers: [dense(1), layers.reshape({ targetShape: [] })] });
  const session = await compile(model, { device, loss: "meanSquaredError", optimizer: still });
  const data = dataWith(targets(1), []);
  const { loss } = await session.evaluate(data);
  expect((await session.evaluate(data, { batchSize: 9 })).loss).toBeCloseTo(loss, 5);
  session.close();
});

test("one-hot labels stored upside down are the same classes to training and to evaluate", async () => {
  const model = sequential({ layers: [dense(3, "softmax")] });
  const loss = "categoricalCrossentropy";
  const session = await compile(model, { device, loss, optimizer: still });
  const hot = Uint8Array.from({ length: ROWS * 3 }, (_, at) => Number(at % 3 === (at >> 2) % 3));
  const upright = dataWith(hot, [3]);
  const flipped = dataWith(
    hot.map((value) => 1 - value),
    [3],
    -1,
  );
  const wanted = await session.evaluate(upright);
  expect(await session.evaluate(flipped)).toEqual(wanted);
  const { history } = await session.fit(flipped, { epochs: 1, batchSize: 4 });
  expect(history.acc?.[0]).toBeCloseTo(wanted.accuracy, 6);
  session.close();
});

test("the accuracy a compiled model asks for is told beside a loss without classes", async () => {
  const model = sequential({ layers: [dense(3, "softmax")] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: ["accuracy"] });
  const x = dataWith(targets(3), [3]).columns.x.data as Float32Array;
  const output = model.predict(tfc.tensor2d(x, [ROWS, FEATURES])) as tfc.Tensor;
  const right = tfc.oneHot(tfc.argMax(output, 1) as tfc.Tensor1D, 3).dataSync();
  const data = dataWith(Float32Array.from(right), [3]);
  const session = await compile(model, { device, optimizer: still });
  const { history } = await session.fit(data, { epochs: 1, validation: 0.2 });
  expect(history.acc).toEqual([1]);
  expect(history.val_acc).toEqual([1]);
  expect((await session.evaluate(data)).confusion).toHaveLength(3);
  session.close();
});

test("training outlives the model it was captured from", async () => {
  const model = sequential({ layers: [dense(3)] });
  const session = await compile(model, { device, loss: "meanSquaredError" });
  model.dispose();
  const { history } = await session.fit(dataWith(targets(3), [3]), { epochs: 2 });
  expect(history.loss).toHaveLength(2);
  session.close();
});

test("what is no model is refused in words, also beside a loss function", async () => {
  const loss = (yTrue: tfc.Tensor, yPred: tfc.Tensor) =>
    tfc.losses.absoluteDifference(yTrue, yPred);
  for (const nothing of [undefined, null]) {
    const model = nothing as unknown as ReturnType<typeof sequential>;
    const words = `[hone] compile: the model is ${nothing}. Pass a tf.LayersModel.`;
    await expect(compile(model, { device })).rejects.toThrow(words);
    await expect(compile(model, { device, loss })).rejects.toThrow(words);
  }
});

test("what is given in the place of a model is named", async () => {
  const model = sequential({ layers: [dense(3, "softmax")] });
  for (const [given, said] of [
    [{}, "a plain object"],
    ["cnn", '"cnn"'],
    [() => model, "a function"],
    [[model], "an array"],
    [Promise.resolve(model), "a promise, not awaited"],
    [model.layers[0], "of class Dense"],
    [{ execute() {}, predict() {}, inputs: [], outputs: [] }, "a plain object"],
  ]) {
    const words = `[hone] compile: the model is ${said}. Pass a tf.LayersModel.`;
    await expect(compile(given as never, { device })).rejects.toThrow(words);
  }
});

test("a disposed model, a disposed tensor and writeBack without a model are refused in words", async () => {
  const model = sequential({ layers: [dense(3, "softmax")] });
  const session = await compile(model, { device });
  const x = tfc.zeros([2, FEATURES]);
  x.dispose();
  await expect(session.predict(x)).rejects.toThrow(
    "[hone] predict: the tensor [2,4] was disposed. Keep it until it is read.",
  );
  for (const nothing of [undefined, null]) {
    await expect(session.writeBack(nothing as never)).rejects.toThrow(
      `[hone] weights: the model is ${nothing}. Use the model that was compiled`,
    );
  }
  model.dispose();
  const words = /weight ".*kernel": its memory was given back by dispose\(\)/;
  await expect(session.writeBack(model)).rejects.toThrow(words);
  await expect(compile(model, { device })).rejects.toThrow(words);
  session.close();
});

test("a session writes back to a model that was frozen for it and has thawed since", async () => {
  const model = sequential({ layers: [dense(FEATURES), dense(FEATURES)] });
  const [first, second] = model.layers;
  if (first) first.trainable = false;
  const session = await compile(model, { device, loss: "meanSquaredError", optimizer: sgd(0.1) });
  const before = model.layers.map((layer) => [...(layer.getWeights()[0]?.dataSync() ?? [])]);
  await session.fit(dataWith(targets(FEATURES), [FEATURES]), { epochs: 1 });
  if (first) first.trainable = true;
  await session.writeBack(model);
  expect([...(first?.getWeights()[0]?.dataSync() ?? [])]).toEqual(before[0]);
  expect([...(second?.getWeights()[0]?.dataSync() ?? [])]).not.toEqual(before[1]);
  session.close();
});

test("a label shape that is none is refused", async () => {
  const model = sequential({ layers: [dense(3)] });
  const loss = meanSquare;
  for (const labelShape of [[0], [1.5], [null]]) {
    const words = `[hone] labelShape: it is ${JSON.stringify(labelShape)}. Give the extents`;
    await expect(compile(model, { device, loss, labelShape: labelShape as never })).rejects.toThrow(
      words,
    );
  }
  await expect(compile(model, { device, loss, labelShape: "x" as never })).rejects.toThrow(
    '[hone] compile: labelShape is "x". Give a shape',
  );
  await expect(compile(model, { device, loss, labelShape: { nobody: [3] } })).rejects.toThrow(
    /labelShape: it names "nobody", where there are /,
  );
});

test("a missing device and optimizers of another kind are refused", async () => {
  const model = sequential({ layers: [dense(3, "softmax")] });
  await expect(compile(model, {} as never)).rejects.toThrow(/compile: there is no device\./);
  for (const optimizer of ["adamant", { learningRate: 1 }] as never[])
    await expect(compile(model, { device, optimizer })).rejects.toThrow(/Give sgd\(…\), momentum/);
  for (const optimizer of ["adam", tfc.train.adam()])
    (await compile(model, { device, optimizer })).close();
});
