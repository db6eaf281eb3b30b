/** Single steps on rows the caller holds: the same steps as fit's, wherever they are computed. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device, Executable } from "../backend.js";
import { compile } from "../compile.js";
import { adam } from "../graph/optimizer.js";
import type { Dataset } from "./dataset.js";
import { Session } from "./session.js";
import { tinyData, tinyParts } from "./test/tiny-model.js";
import { plain, randomValues, twoPorts, twoPortsData } from "./test/two-ports.js";

beforeAll(() => tfc.setBackend("cpu"));

const ROWS = 12;
const x = randomValues(4 * ROWS, 3);
const y = Int32Array.from({ length: ROWS }, (_, row) => (row * 7) % 3);
const data: Dataset = {
  name: "rows",
  rows: ROWS,
  columns: { x: plain(x, [4]), y: plain(y, []) },
};

/** Dropout and batch normalisation, so that steps and statistics count too. */
function network() {
  return sequential({
    layers: [
      layers.dense({ inputShape: [4], units: 6, activation: "relu" }),
      layers.batchNormalization(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
}

const tiny = tinyData(40);

/** The calling thread's part of a device, one of whose executable's calls can be made to wait. */
async function gated(device: Device, call: "prepare" | "read") {
  const own = (await device.local?.()) as Device;
  let open = () => {};
  let came = () => {};
  let opened: Promise<void> = Promise.resolve();
  const gate = {
    /** @returns a promise of the first call that waits */
    close: () => {
      opened = new Promise((resolve) => {
        open = resolve;
      });
      return new Promise<void>((resolve) => {
        came = resolve;
      });
    },
    open: () => open(),
  };
  const wait = async <T>(made: Promise<T>): Promise<T> => {
    const result = await made;
    came();
    await opened;
    return result;
  };
  const load: Device["load"] = async (program) => {
    const executable = await own.load(program);
    const waiting: Executable = {
      prepare: (entry) => executable.prepare(entry),
      write: (buffer, array) => executable.write(buffer, array),
      bind: (block, resident) => executable.bind(block, resident),
      run: (entry, range) => executable.run(entry, range),
      read: (buffers) => executable.read(buffers),
      sync: () => executable.sync(),
      forget: (entry) => executable.forget(entry),
      dispose: () => executable.dispose(),
    };
    return call === "prepare"
      ? { ...waiting, prepare: (entry) => wait(executable.prepare(entry)) }
      : { ...waiting, read: (buffers) => wait(executable.read(buffers)) };
  };
  const { info, target, lost } = own;
  const local: Device = {
    ...{ info, target, lost, load },
    upload: (columns) => own.upload(columns),
    memory: () => own.memory(),
    close: () => own.close(),
  };
  return { gate, local };
}

const values = async (session: Session<never>) =>
  (await session.weights()).map((weight) => [...weight.values]);

describe("on the calling thread", () => {
  let device: Device;
  beforeAll(async () => {
    device = await cpu({ worker: false }).open();
  });
  afterAll(() => device.close());

  test("steps on a batch are those of fit on the same rows, bit by bit", async () => {
    const model = network();
    const options = { device, optimizer: adam(0.02), seed: 7 };
    const [single, whole] = [await compile(model, options), await compile(model, options)];
    for (let step = 1; step <= 3; step++) {
      const { history } = await whole.fit(data, { epochs: 1, batchSize: ROWS, shuffle: false });
      const told = await single.trainOnBatch(x, y);
      expect(told.figures.loss).toBe(history.loss?.[0]);
      expect(told.accuracy).toBe(history.acc?.[0]);
      expect(told.step).toBe(step);
    }
    expect(await values(single)).toEqual(await values(whole));
    for (const session of [single, whole]) session.close();
  });

  test("weights of rows and classes and a learning rate move the weights as fit's do", async () => {
    const model = network();
    const [single, whole] = [await compile(model, { device }), await compile(model, { device })];
    const sampleWeight = Float32Array.from(y, (_, row) => row / 4);
    const classWeight = { 0: 1, 1: 3, 2: 0.5 };
    const columns = { ...data.columns, w: plain(sampleWeight, []) };
    const before = await values(single);
    await whole.fit(
      { ...data, columns, sampleWeights: "w" },
      { epochs: 1, batchSize: ROWS, shuffle: false, classWeight, learningRate: 0.1 },
    );
    await single.trainOnBatch(x, y, { sampleWeight, classWeight, learningRate: 0.1 });
    expect(await values(single)).toEqual(await values(whole));
    expect(await values(single)).not.toEqual(before);
    for (const session of [single, whole]) session.close();
  });

  test("batches of several sizes, nested arrays and tensors are taken in turn", async () => {
    const model = network();
    const [typed, loose] = [await compile(model, { device }), await compile(model, { device })];
    for (const rows of [5, 2, 5]) {
      const some = x.slice(0, 4 * rows);
      await typed.trainOnBatch(some, y.slice(0, rows));
      const tensor = tfc.tensor2d(some, [rows, 4]);
      const kinds = tfc.tensor2d(y.slice(0, rows), [rows, 1]);
      await loose.trainOnBatch(rows === 2 ? (tensor.arraySync() as number[][]) : tensor, kinds);
    }
    expect(await values(loose)).toEqual(await values(typed));
    expect(loose.step).toBe(3);
    for (const session of [typed, loose]) session.close();
  });

  test("several inputs and outputs are given by name", async () => {
    const model = twoPorts();
    const loss = { age: "meanSquaredError", kind: "sparseCategoricalCrossentropy" };
    const ports = twoPortsData(ROWS);
    const [single, whole] = [
      await compile(model, { device, loss }),
      await compile(model, { device, loss }),
    ];
    const { size, place, age, kind } = Object.fromEntries(
      Object.entries(ports.columns).map(([name, column]) => [name, column.data]),
    );
    await whole.fit(ports, { epochs: 1, batchSize: ROWS, shuffle: false });
    const { figures } = await single.trainOnBatch({ size, place } as never, { age, kind } as never);
    expect(Object.keys(figures)).toEqual(["loss", "age_loss", "kind_loss", "kind_acc"]);
    expect(await values(single)).toEqual(await values(whole));
    for (const session of [single, whole]) session.close();
  });

  test("what is no batch is refused in words before a step is taken", async () => {
    const session = await compile(network(), { device });
    for (const [given, words] of [
      [[x, undefined], /there are no labels for output/],
      [[x, y.slice(1)], /the labels of ".*" are 11 values, and there are 12 rows/],
      [[x, y.map(() => 3)], /holds 3 in row 0, .* from 0 to 2/],
      [[x.map(() => Number.NaN), y], /trainOnBatch: row 0 holds NaN/],
      [[x, y, { sampleWeight: [1, 2] }], /sampleWeight: 2 weights were given for 12 rows/],
      [[x, y, { classWeight: [1, 1] }], /class 2 is in the data's/],
      [[x, y, { sampleWeights: [1] }], /no option "sampleWeights"\. For one batch it is/],
      [[x, y, { learningRate: -1 }], /learningRate is -1/],
    ] as const) {
      const [rows, labels, options] = given as readonly [never, never, never];
      await expect(session.trainOnBatch(rows, labels, options)).rejects.toThrow(words);
    }
    expect(session.step).toBe(0);
    session.close();
  });
});

describe("in a worker with `latency`", () => {
  let device: Device;
  beforeAll(async () => {
    device = await cpu().open();
  });
  afterAll(() => device.close());

  test("steps, fits, evaluations and predictions in turn all see the newest weights and slots", async () => {
    const model = network();
    const options = { device, optimizer: adam(0.02), seed: 7 };
    const near = await compile(model, { ...options, latency: true });
    const far = await compile(model, options);
    const ask: ((session: Session<never>) => Promise<unknown>)[] = [
      (session) => session.trainOnBatch(x, y),
      (session) => session.predict(x.slice(0, 8)),
      (session) => session.trainOnBatch(x.slice(0, 20), y.slice(0, 5)),
      (session) => session.evaluate(data),
      (session) => session.predict(x.slice(0, 4)),
      async (session) => (await session.fit(data, { epochs: 2, batchSize: 5 })).history,
      (session) => session.predict(x.slice(0, 12)),
      (session) => session.trainOnBatch(x, y),
      (session) => session.trainOnBatch(x, y, { learningRate: 0.1 }),
      (session) => session.predict(x),
      (session) => session.weights(),
      (session) => session.trainOnBatch(x, y),
      async (session) => (await session.fit(data, { epochs: 1, batchSize: 4 })).history,
      (session) => session.predict(x.slice(0, 4)),
    ];
    for (const [at, question] of [...ask, ...ask].entries()) {
      expect(await question(near), `question ${at}`).toEqual(await question(far));
    }
    near.close();
    far.close();
  });

  test("an evaluation asked for while a step is being made leaves the step in the weights", async () => {
    const { gate, local } = await gated(device, "prepare");
    const near = new Session({ ...tinyParts(device), local });
    const far = new Session(tinyParts(device));
    const [rows, labels] = [tiny.columns.x.data, tiny.columns.y.data];
    for (const session of [near, far]) await session.trainOnBatch(rows, labels);
    const asked = gate.close();
    const step = near.trainOnBatch(rows.slice(0, 12), labels.slice(0, 2));
    await asked;
    const judged = near.evaluate(tiny);
    await new Promise((resolve) => setTimeout(resolve, 50));
    gate.open();
    await Promise.all([step, judged]);
    await far.trainOnBatch(rows.slice(0, 12), labels.slice(0, 2));
    expect(await values(near)).toEqual(await values(far));
    near.close();
    far.close();
  });

  test("weights set while they move are the ones that count", async () => {
    const { gate, local } = await gated(device, "read");
    const near = new Session({ ...tinyParts(device), local });
    await near.trainOnBatch(tiny.columns.x.data, tiny.columns.y.data);
    const wanted = (await near.weights()).map((weight) => weight.values.map(() => 0.25));
    const asked = gate.close();
    const predicted = near.predict(tiny.columns.x.data);
    await asked;
    const set = near.setWeights(wanted);
    gate.open();
    await Promise.all([predicted, set]);
    expect(await values(near)).toEqual(wanted.map((array) => [...array]));
    near.close();
  });

  test("a step in one place goes on from the steps in the other, also where only those had slots", async () => {
    const model = network();
    const near = await compile(model, { device, latency: true, optimizer: adam(0.02) });
    const far = await compile(model, { device, optimizer: adam(0.02) });
    for (const session of [near, far]) {
      await session.trainOnBatch(x, y);
      await session.evaluate(data);
      await session.trainOnBatch(x, y);
    }
    expect(await values(near)).toEqual(await values(far));
    near.close();
    far.close();
  });
});
