/** Weights of rows, classes and losses; metrics; losses of all outputs together. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import { wholeLoss } from "../trace/judging.js";
import type { Dataset } from "./dataset.js";
import { plain, randomValues, tensorOf, twoPorts, twoPortsData, worst } from "./test/two-ports.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());

const { layers, sequential } = tfl;
const ROWS = 12;
const still = sgd(1e-30);

const classifier = () =>
  sequential({ layers: [layers.dense({ inputShape: [4], units: 3, activation: "softmax" })] });

const labelled: Dataset = {
  name: "labelled",
  rows: ROWS,
  columns: {
    x: plain(randomValues(4 * ROWS, 3), [4]),
    y: plain(
      Int32Array.from({ length: ROWS }, (_, row) => (row * 7) % 3),
      [],
    ),
  },
};

const weightsOf = (model: tfl.LayersModel) =>
  model.weights.map((weight) => weight.read().dataSync() as Float32Array);

test("class weights train as in tfjs, as a record and as a list", async () => {
  const loss = "sparseCategoricalCrossentropy";
  for (const classWeight of [{ 0: 0.5, 1: 4, 2: 1.5 }, [0.5, 4, 1.5]]) {
    const model = classifier();
    const session = await compile(model, { device, loss, optimizer: sgd(0.3) });
    const options = { epochs: 2, batchSize: 5, shuffle: false, classWeight };
    const { history } = await session.fit(labelled, options);
    model.compile({ optimizer: tfc.train.sgd(0.3), loss });
    const y = tensorOf(labelled, "y");
    const record = { 0: 0.5, 1: 4, 2: 1.5 };
    const wanted = await model.fit(tensorOf(labelled, "x"), y, {
      ...options,
      classWeight: record,
    });
    expect(worst(history.loss ?? [], wanted.history.loss as number[])).toBeLessThan(1e-5);
    for (const [index, { values, name }] of (await session.weights()).entries())
      expect(worst(values, weightsOf(model)[index] ?? []), name).toBeLessThan(1e-5);
    session.close();
  }
});

test("class weights in tfjs's list, a record or null for each output, weigh as by name", async () => {
  const loss = { age: "mse", kind: "sparseCategoricalCrossentropy" } as const;
  const weights = { 0: 2, 1: 1, 2: 5 };
  const losses: (readonly number[] | undefined)[] = [];
  for (const classWeight of [{ kind: weights }, [null, weights]]) {
    const session = await compile(twoPorts(), { device, loss, optimizer: sgd(0.1) });
    const options = { epochs: 2, batchSize: 4, shuffle: false, classWeight };
    losses.push((await session.fit(twoPortsData(9), options)).history.kind_loss);
    session.close();
  }
  expect(losses[1]).toEqual(losses[0]);
  const one = await compile(classifier(), { device });
  expect((await one.fit(labelled, { epochs: 1, classWeight: [weights] })).epoch).toEqual([1]);
  await expect(one.fit(labelled, { classWeight: [weights, null] })).rejects.toThrow(
    /2 records are given, the model has 1 judged outputs/,
  );
  one.close();
});

test("class weights that leave out a class, name nothing or are no numbers are refused", async () => {
  const session = await compile(classifier(), { device });
  for (const [classWeight, words] of [
    [{ 0: 1, 1: 2 }, /classWeight: class 2 is in the data's "y" and has no weight/],
    [[1, 2], /class 2 is in the data's "y"/],
    [{ 0: 1, 1: Number.NaN, 2: 1 }, /class 1 has weight NaN/],
    [{ cat: 1 }, /class NaN has weight 1/],
    [5, /classWeight is 5\. Give \{ class: weight, … \}/],
  ] as const) {
    await expect(session.fit(labelled, { classWeight: classWeight as never })).rejects.toThrow(
      words,
    );
  }
  expect(session.step).toBe(0);
  session.close();
  const several = await compile(twoPorts(), {
    device,
    loss: { age: "mse", kind: "sparseCategoricalCrossentropy" },
  });
  await expect(several.fit(twoPortsData(9), { classWeight: { 0: 1, 1: 1, 2: 1 } })).rejects.toThrow(
    /judged outputs age, kind\. Give weights by output: \{ age: /,
  );
  const classWeight = { kind: { 0: 2, 1: 1, 2: 1 } };
  expect((await several.fit(twoPortsData(9), { epochs: 1, classWeight })).steps).toBe(1);
  several.close();
});

test("class weights leave the validation as it is", async () => {
  const session = await compile(classifier(), { device, optimizer: still });
  const classWeight = [10, 10, 10];
  const { history } = await session.fit(labelled, {
    ...{ epochs: 1, validation: labelled, classWeight, batchSize: ROWS },
  });
  const { loss } = await session.evaluate(labelled);
  expect(history.val_loss?.[0]).toBeCloseTo(loss, 6);
  expect(history.loss?.[0]).toBeCloseTo(10 * loss, 4);
  session.close();
});

test("sample weights multiply each row's loss, and count in evaluation too", async () => {
  const model = classifier();
  const session = await compile(model, { device, optimizer: still });
  const weights = Float32Array.from({ length: ROWS }, (_, row) => row % 4);
  const weighted: Dataset = {
    ...labelled,
    columns: { ...labelled.columns, w: plain(weights, []) },
    sampleWeights: "w",
  };
  const shares = (model.predict(tensorOf(labelled, "x")) as tfc.Tensor).dataSync();
  const labels = labelled.columns.y?.data as Int32Array;
  let wanted = 0;
  for (const [row, label] of labels.entries()) {
    wanted -= ((weights[row] as number) * Math.log(shares[3 * row + label] as number)) / ROWS;
  }
  const { history } = await session.fit(weighted, {
    epochs: 1,
    batchSize: 5,
    validation: weighted,
  });
  expect(history.loss?.[0]).toBeCloseTo(wanted, 5);
  expect(history.val_loss?.[0]).toBeCloseTo(wanted, 5);
  expect((await session.evaluate(labelled)).loss).not.toBeCloseTo(wanted, 2);
  session.close();
});

test("a loss that is one number a batch is weighed by the rows' mean weight, as in tfjs", async () => {
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 1 })] });
  const meanSquare = (yTrue: tfc.Tensor, yPred: tfc.Tensor) =>
    tfc.mean(tfc.square(tfc.sub(yTrue, yPred)));
  const session = await compile(model, { device, loss: meanSquare, optimizer: still });
  const y = plain(randomValues(ROWS, 8), [1]);
  const data: Dataset = { ...labelled, columns: { ...labelled.columns, y } };
  const w = plain(new Float32Array(ROWS).fill(2.5), []);
  const weighted = { ...data, columns: { ...data.columns, w }, sampleWeights: "w" };
  const { loss } = await session.evaluate(data);
  expect((await session.evaluate(weighted)).loss).toBeCloseTo(2.5 * loss, 5);
  expect((await session.fit(weighted, { epochs: 1 })).history.loss?.[0]).toBeCloseTo(2.5 * loss, 5);
  session.close();
});

test("metrics are told under tfjs's names, names and functions, and none where none is wanted", async () => {
  const model = classifier();
  const loss = "sparseCategoricalCrossentropy";
  const spread = (_yTrue: tfc.Tensor, yPred: tfc.Tensor) => tfc.max(yPred, -1);
  const session = await compile(model, {
    ...{ device, loss, optimizer: still },
    metrics: ["accuracy", "sparseCategoricalCrossentropy", spread as never],
  });
  const { history } = await session.fit(labelled, { epochs: 1, validation: labelled });
  const names = ["loss", "acc", "sparseCategoricalCrossentropy", "spread"];
  expect(Object.keys(history)).toEqual([...names, ...names.map((name) => `val_${name}`)]);
  expect(history.sparseCategoricalCrossentropy?.[0]).toBeCloseTo(history.loss?.[0] as number, 6);
  const shares = (model.predict(tensorOf(labelled, "x")) as tfc.Tensor).arraySync() as number[][];
  const mean = shares.reduce((sum, row) => sum + Math.max(...row) / ROWS, 0);
  expect(history.spread?.[0]).toBeCloseTo(mean, 5);
  expect(history.val_spread?.[0]).toBeCloseTo(mean, 5);
  session.close();

  const silent = await compile(model, { device, loss, metrics: [] });
  const told = await silent.fit(labelled, { epochs: 1 });
  expect(Object.keys(told.history)).toEqual(["loss"]);
  silent.close();
  await expect(compile(model, { device, loss, metrics: ["accurracy"] })).rejects.toThrow(
    /compile: there is no metric "accurracy"/,
  );
});

test("evaluate says yes to a logit above 0, as its accuracy does", async () => {
  const model = sequential({
    layers: [layers.dense({ inputShape: [4], units: 1, kernelInitializer: "glorotNormal" })],
  });
  const loss = { name: "binaryCrossentropy", fromLogits: true } as const;
  const session = await compile(model, { device, loss });
  const y = plain(
    Float32Array.from({ length: 200 }, (_, row) => row % 2),
    [1],
  );
  const data: Dataset = {
    ...{ name: "yes", rows: 200 },
    columns: { x: plain(randomValues(800, 4), [4]), y },
  };
  const { accuracy, figures, predicted, outputs } = await session.evaluate(data);
  expect([...predicted]).toEqual(Array.from(outputs, (logit) => Number(logit > 0)));
  expect(outputs.some((logit) => logit > 0 && logit < 0.5)).toBe(true);
  expect(accuracy).toBeCloseTo(figures.acc as number, 10);
  session.close();
});

/** An autoencoder whose loss needs the inputs, and no labels. */
function autoencoder(): tfl.LayersModel {
  const input = tfl.input({ shape: [4], name: "seen" });
  const code = layers.dense({ units: 2, name: "code" }).apply(input) as tfl.SymbolicTensor;
  const back = layers.dense({ units: 4, name: "back" }).apply(code) as tfl.SymbolicTensor;
  return tfl.model({ inputs: input, outputs: [back, code] });
}

type Tensors = Readonly<Record<string, tfc.Tensor>>;
const rebuilt = wholeLoss(((_labels: unknown, outputs: Tensors, inputs: Tensors) => {
  const away = tfc.sub(outputs.back as tfc.Tensor, inputs.seen as tfc.Tensor);
  const size = tfc.sum(tfc.square(outputs.code as tfc.Tensor), -1);
  return tfc.add(tfc.sum(tfc.square(away), -1), tfc.mul(size, 0.1));
}) as never);

test("a loss of all outputs together reads the inputs too, and needs no labels", async () => {
  const model = autoencoder();
  const session = await compile(model, { device, loss: rebuilt, optimizer: sgd(0.02) });
  const seen = randomValues(4 * ROWS, 9);
  const data: Dataset = {
    ...{ name: "seen", rows: ROWS, labels: [] },
    columns: { x: plain(seen, [4]) },
  };
  const [back, code] = (model.predict(tfc.tensor2d(seen, [ROWS, 4])) as tfc.Tensor[]).map(
    (tensor) => tensor.dataSync(),
  ) as [Float32Array, Float32Array];
  const square = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);
  const away = back.map((value, at) => value - (seen[at] as number));
  const wanted = (square(away) + 0.1 * square(code)) / ROWS;
  expect((await session.evaluate(data, { batchSize: 5 })).loss).toBeCloseTo(wanted, 5);
  const { history } = await session.fit(data, { epochs: 20, batchSize: 4 });
  expect(history.loss?.at(-1)).toBeLessThan(0.8 * wanted);
  const { loss } = await session.trainOnBatch(seen);
  expect(loss).toBeLessThan(0.8 * wanted);
  session.close();
});

test("weights under a loss of all outputs are refused, not forgotten", async () => {
  const session = await compile(autoencoder(), { device, loss: rebuilt });
  const seen = randomValues(4 * ROWS, 9);
  const columns = { x: plain(seen, [4]), w: plain(new Float32Array(ROWS).fill(1), []) };
  const data: Dataset = { name: "seen", rows: ROWS, labels: [], columns, sampleWeights: "w" };
  const words = /Weights?: the loss takes all outputs together/;
  await expect(session.fit(data)).rejects.toThrow(words);
  const { sampleWeights: _, ...unweighted } = data;
  const { w, ...inputs } = columns;
  const plainData = { ...unweighted, columns: inputs };
  await expect(session.fit(plainData, { classWeight: [1] })).rejects.toThrow(words);
  await expect(session.trainOnBatch(seen, undefined, { sampleWeight: w.data })).rejects.toThrow(
    words,
  );
  session.close();
});

test("labels outside of what a loss takes are refused with row and range", async () => {
  const of = async (loss: string, y: Float32Array, units: number) => {
    const model = sequential({ layers: [layers.dense({ inputShape: [4], units })] });
    const session = await compile(model, { device, loss });
    const columns = { ...labelled.columns, y: plain(y, y.length === ROWS ? [] : [units]) };
    return session.fit({ ...labelled, columns }, { epochs: 1 }).finally(() => session.close());
  };
  const at = (row: number, value: number) =>
    Float32Array.from({ length: ROWS }, (_, index) => (index === row ? value : 0));
  await expect(of("sparseCategoricalCrossentropy", at(7, 3), 3)).rejects.toThrow(
    /column y holds 3 in row 7, and loss sparseCategoricalCrossentropy takes whole numbers from 0 to 2/,
  );
  await expect(of("sparseCategoricalCrossentropy", at(7, 0.5), 3)).rejects.toThrow(/holds 0.5/);
  await expect(of("binaryCrossentropy", at(4, 255), 1)).rejects.toThrow(
    /column y holds 255 in row 4, and loss binaryCrossentropy takes numbers from 0 to 1/,
  );
  await expect(of("hinge", at(2, -2), 1)).rejects.toThrow(/holds -2 in row 2, .* from -1 to 1/);
  const shares = new Float32Array(3 * ROWS);
  shares[3 * 5 + 1] = -0.25;
  await expect(of("categoricalCrossentropy", shares, 3)).rejects.toThrow(
    /holds -0.25 in row 5, .* numbers from 0 on/,
  );
  await expect(of("meanSquaredError", at(4, 255), 1)).resolves.toBeDefined();
});

test("a softmax's own loss stays when metrics are given, and gives way to a loss of all outputs", async () => {
  const metrics = ["acc", "sparseCategoricalCrossentropy"];
  const measured = await compile(classifier(), { device, metrics });
  const { figures } = await measured.evaluate(labelled);
  expect(Object.keys(figures)).toEqual(["loss", ...metrics]);
  expect(figures.sparseCategoricalCrossentropy).toBeCloseTo(figures.loss as number, 6);
  measured.close();
  const total = ((labels: Tensors, outputs: Tensors) => {
    const [wanted, given] = [labels, outputs].map((some) => Object.values(some)[0] as tfc.Tensor);
    return tfc.add(tfc.sum(given as tfc.Tensor, -1), tfc.mul(tfc.sum(wanted as tfc.Tensor), 0));
  }) as never;
  const session = await compile(classifier(), { device, loss: wholeLoss(total), labelShape: [1] });
  const y = { ...(labelled.columns.y as Dataset["columns"][string]), shape: [1] };
  const columns = { ...labelled.columns, y };
  expect((await session.evaluate({ ...labelled, columns })).figures).toEqual({
    loss: expect.closeTo(1, 6),
  });
  session.close();
});
