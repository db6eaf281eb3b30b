/** Models of several inputs and outputs, against stock tfjs where it is right. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import { tensorOf, twoPorts, twoPortsData, worst } from "./test/two-ports.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());

const ROWS = 20;
const data = twoPortsData(ROWS);
const loss = { age: "meanSquaredError", kind: "sparseCategoricalCrossentropy" } as const;
const metrics = { age: "mae", kind: "accuracy" } as const;
const options = { epochs: 3, batchSize: 8, shuffle: false } as const;

test("two inputs and two outputs of different losses train as in tfjs, History and weights", async () => {
  const model = twoPorts();
  const session = await compile(model, { device, loss, metrics, optimizer: sgd(0.1) });
  const found = await session.fit(data, options);

  const inputs = ["size", "place"].map((name) => tensorOf(data, name));
  const labels = ["age", "kind"].map((name) => tensorOf(data, name));
  model.compile({ optimizer: tfc.train.sgd(0.1), loss, metrics });
  const wanted = await model.fit(inputs, labels, options);

  expect(Object.keys(found.history)).toEqual(Object.keys(wanted.history));
  for (const [name, values] of Object.entries(wanted.history)) {
    expect(worst(found.history[name] ?? [], values as number[]), name).toBeLessThan(1e-5);
  }
  for (const [index, weight] of (await session.weights()).entries()) {
    const values = model.weights[index]?.read().dataSync() as Float32Array;
    expect(worst(weight.values, values), weight.name).toBeLessThan(1e-5);
  }
  session.close();
});

test("validation of several outputs is the weighted sum of each output's mean loss", async () => {
  const model = twoPorts();
  const lossWeights = { age: 0.25, kind: 3 };
  const session = await compile(model, {
    ...{ device, loss, metrics, lossWeights },
    optimizer: sgd(1e-30),
  });
  const { history } = await session.fit(data, { epochs: 1, validation: data, batchSize: 7 });
  const [age, kind] = (
    model.predict(["size", "place"].map((name) => tensorOf(data, name))) as tfc.Tensor[]
  ).map((tensor) => tensor.dataSync()) as [Float32Array, Float32Array];
  const ages = data.columns.age?.data as Float32Array;
  const kinds = data.columns.kind?.data as Float32Array;
  let [square, entropy, apart, right] = [0, 0, 0, 0];
  for (let row = 0; row < ROWS; row++) {
    const away = (age[row] as number) - (ages[row] as number);
    const shares = kind.subarray(3 * row, 3 * row + 3);
    const truth = kinds[row] as number;
    square += away ** 2 / ROWS;
    apart += Math.abs(away) / ROWS;
    entropy -= Math.log(shares[truth] as number) / ROWS;
    right += Number(shares[truth] === Math.max(...shares)) / ROWS;
  }
  const wanted = {
    loss: 0.25 * square + 3 * entropy,
    age_loss: square,
    kind_loss: entropy,
    age_mae: apart,
    kind_acc: right,
  };
  for (const [name, value] of Object.entries(wanted)) {
    expect(history[name]?.[0], name).toBeCloseTo(value, 5);
    expect(history[`val_${name}`]?.[0], `val_${name}`).toBeCloseTo(value, 5);
  }
  const judged = await session.evaluate(data, { batchSize: 6 });
  expect(judged.figures.loss).toBeCloseTo(wanted.loss, 5);
  expect(judged.byOutput.kind?.accuracy).toBeCloseTo(right, 6);
  expect(judged.byOutput.kind?.confusion.flat().reduce((a, b) => a + b, 0)).toBe(ROWS);
  expect(worst(judged.byOutput.age?.outputs ?? [], age)).toBeLessThan(1e-5);
  expect(judged.byOutput.age?.confusion).toEqual([]);
  expect(judged.accuracy).toBeNaN();
  expect(judged.outputs).toHaveLength(0);
  session.close();
});

test("predict takes inputs by name, as a list in the model's order, and as tensors", async () => {
  const model = twoPorts();
  const session = await compile(model, { device, loss });
  const size = data.columns.size?.data as Float32Array;
  const place = data.columns.place?.data as Float32Array;
  const tensors = ["size", "place"].map((name) => tensorOf(data, name)) as [tfc.Tensor, tfc.Tensor];
  const [age, kind] = (model.predict(tensors) as tfc.Tensor[]).map((tensor) => tensor.dataSync());
  const given = [
    { place, size },
    [size, place],
    tensors,
    { size: tensors[0], place: { data: place, shape: [ROWS, 2] } },
    [tensors[0].arraySync() as number[][], tensors[1].arraySync() as number[][]],
  ] as const;
  for (const [index, x] of given.entries()) {
    const { byOutput, data: only } = await session.predict(x);
    expect(byOutput.age?.shape, `${index}`).toEqual([ROWS, 1]);
    expect(byOutput.kind?.shape).toEqual([ROWS, 3]);
    expect(worst(byOutput.age?.data ?? [], age ?? []), `${index}`).toBeLessThan(1e-5);
    expect(worst(byOutput.kind?.data ?? [], kind ?? []), `${index}`).toBeLessThan(1e-5);
    expect(only).toHaveLength(0);
  }
  session.close();
});

test("inputs that are not named, not there or of other counts of rows are refused in words", async () => {
  const session = await compile(twoPorts(), { device, loss });
  const [size, place] = [new Float32Array(6), new Float32Array(4)];
  for (const [x, words] of [
    [{ size }, /predict: x lacks "place"; the model's inputs are size, place/],
    [{ size, place, colour: place }, /x names "colour"/],
    [size, /the model has 2 inputs \(size, place\)\. Give x as a record/],
    [{ size, place: new Float32Array(6) }, /the inputs have 2, 3 rows/],
  ] as const) {
    await expect(session.predict(x as never)).rejects.toThrow(words);
  }
  session.close();
});

test("columns that are no port's, and ports without a column, are refused with both lists", async () => {
  const session = await compile(twoPorts(), { device, loss });
  const { age, kind, ...inputs } = data.columns;
  const renamed = { ...data, columns: { ...inputs, age, sort: kind }, labels: ["age", "sort"] };
  await expect(session.fit(renamed as never)).rejects.toThrow(
    /judged outputs are age, kind, the data has columns age, sort in y/,
  );
  const { place, ...others } = data.columns;
  await expect(
    session.fit({ ...data, columns: { ...others, spot: place } } as never),
  ).rejects.toThrow(/the model's inputs are size, place, the data has columns size, spot in x/);
  session.close();
});

test("an output without a loss needs no labels, and one that is only measured does", async () => {
  const age = { age: "meanSquaredError" } as const;
  const session = await compile(twoPorts(), { device, loss: age, optimizer: sgd(0.05) });
  const { kind: _, ...columns } = data.columns;
  const { history } = await session.fit({ ...data, columns, labels: ["age"] }, options);
  expect(Object.keys(history)).toEqual(["loss"]);
  expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number);
  session.close();
  const measured = await compile(twoPorts(), {
    ...{ device, loss: age },
    metrics: { kind: "sparseCategoricalAccuracy" },
  });
  await expect(measured.fit({ ...data, columns, labels: ["age"] }, options)).rejects.toThrow(
    /judged outputs are age, kind/,
  );
  const told = await measured.fit(data, options);
  expect(Object.keys(told.history)).toEqual(["loss", "kind_sparseCategoricalAccuracy"]);
  measured.close();
});

test("losses, weights and metrics for outputs that are not there are refused by name", async () => {
  const model = twoPorts();
  for (const [given, words] of [
    [{ loss: { age: "mse", sort: "mse" } }, /`loss` names "sort", .* outputs are age, kind/],
    [{ loss: ["mse"] }, /1 losses are given, the model has 2 outputs \(age, kind\)/],
    [{ loss, lossWeights: { sort: 2 } }, /`lossWeights` names "sort"/],
    [{ loss, lossWeights: [1, 2, 3] }, /3 lossWeights are given/],
    [{ loss, lossWeights: [1, Number.NaN] }, /lossWeights: that of "kind" is NaN/],
    [{ loss, metrics: { sort: "mae" } }, /`metrics` names "sort"/],
    [{ loss: { age: "mse", kind: "entropy" } }, /there is no loss "entropy" for "kind"/],
  ] as const) {
    await expect(compile(model, { device, ...given } as never)).rejects.toThrow(words);
  }
});
