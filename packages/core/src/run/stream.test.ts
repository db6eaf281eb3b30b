/** Training on what comes in turn: the same steps as on the same rows in memory. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { adam, sgd } from "../graph/optimizer.js";
import { type Dataset, takeRows } from "./dataset.js";
import type { EpochEnd } from "./records.js";
import type { Session } from "./session.js";
import { plain, randomValues } from "./test/two-ports.js";

const { layers, sequential } = tfl;

beforeAll(() => tfc.setBackend("cpu"));

const ROWS = 23;
const BATCH = 5;
const x = randomValues(4 * ROWS, 3);
const y = Int32Array.from({ length: ROWS }, (_, row) => (row * 7) % 3);
const data: Dataset = {
  name: "rows",
  rows: ROWS,
  columns: { x: plain(x, [4]), y: plain(y, []) },
};

const network = () =>
  sequential({
    layers: [
      layers.dense({ inputShape: [4], units: 6, activation: "relu" }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });

interface Batch {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

function batchesOf(size: number, from = 0, to = ROWS): Batch[] {
  const batches: Batch[] = [];
  for (let row = from; row < to; row += size) {
    const end = Math.min(to, row + size);
    batches.push({ x: x.slice(4 * row, 4 * end), y: y.slice(row, end) });
  }
  return batches;
}

async function* inTurn<T>(items: readonly T[]): AsyncGenerator<T, void> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

const values = async (session: Session<never>) =>
  (await session.weights()).map((weight) => [...weight.values]);

describe.each([
  ["on this thread", () => cpu({ worker: false })],
  ["in a worker", () => cpu()],
])("a stream %s", (_where, backend) => {
  let device: Device;
  beforeAll(async () => {
    device = await backend().open();
  });
  afterAll(() => device.close());

  test.each<[string, () => unknown]>([
    ["a function that makes a generator", () => () => inTurn(batchesOf(BATCH))],
    ["a list of batches", () => batchesOf(BATCH)],
    ["pairs", () => () => inTurn(batchesOf(BATCH).map((batch) => [batch.x, batch.y]))],
    ["shards", () => () => inTurn([takeRows(data, 0, 15), takeRows(data, 15, ROWS)])],
  ])("%s trains as the same rows in memory, bit by bit", async (_what, make) => {
    const model = network();
    const options = { device, optimizer: adam(0.02), seed: 7 };
    const [streamed, held] = [await compile(model, options), await compile(model, options)];
    const found = await streamed.fit(make() as never, {
      epochs: 3,
      shuffle: false,
      batchSize: BATCH,
    });
    const wanted = await held.fit(data, { epochs: 3, batchSize: BATCH, shuffle: false });
    expect(await values(streamed)).toEqual(await values(held));
    expect(found.history).toEqual(wanted.history);
    expect(found.steps).toBe(wanted.steps);
    for (const session of [streamed, held]) session.close();
  });

  test("a tf.data data set trains as its rows in memory, and its tensors are given back", async () => {
    const model = network();
    const options = { device, optimizer: adam(0.02), seed: 7 };
    const [streamed, held] = [await compile(model, options), await compile(model, options)];
    const before = tfc.memory().numTensors;
    const dataset = {
      iterator: async () => {
        const all = batchesOf(BATCH);
        return {
          next: async () => {
            const batch = all.shift();
            if (!batch) return { value: null, done: true };
            const rows = batch.y.length;
            const ys = tfc.tensor2d(batch.y, [rows, 1], "int32");
            return { value: { xs: tfc.tensor2d(batch.x, [rows, 4]), ys }, done: false };
          },
        };
      },
    };
    await streamed.fit(dataset, { epochs: 2 });
    expect(tfc.memory().numTensors).toBe(before);
    await held.fit(data, { epochs: 2, batchSize: BATCH, shuffle: false });
    expect(await values(streamed)).toEqual(await values(held));
    for (const session of [streamed, held]) session.close();
  });

  test("batches of changing sizes are steps of those sizes", async () => {
    const model = network();
    const options = { device, optimizer: adam(0.02), seed: 7 };
    const [streamed, single] = [await compile(model, options), await compile(model, options)];
    const batches = [...batchesOf(4, 0, 8), ...batchesOf(7, 8, 22), ...batchesOf(1, 22)];
    await streamed.fit(() => inTurn(batches), { epochs: 2 });
    for (const batch of [...batches, ...batches]) await single.trainOnBatch(batch.x, batch.y);
    expect(await values(streamed)).toEqual(await values(single));
    for (const session of [streamed, single]) session.close();
  });

  test("nothing stays on the device, whether the stream ends, is left or fails", async () => {
    const session = await compile(network(), { device, optimizer: sgd(0.1) });
    await session.fit(() => inTurn(batchesOf(BATCH)), { epochs: 1 });
    const before = await device.memory();
    await session.fit(() => inTurn(batchesOf(BATCH)), { epochs: 2 });
    expect(await device.memory()).toEqual(before);
    const shards = [takeRows(data, 0, 10), takeRows(data, 10, 20)];
    const options = { epochs: 1, batchSize: BATCH, progressMs: 0 };
    for await (const _record of session.steps(() => inTurn(shards), options)) break;
    await expect(
      session.fit(() => inTurn(shards), { ...options, epochs: 3, learningRate: 1e38 }),
    ).rejects.toMatchObject({ kind: "Diverged" });
    const after = await device.memory();
    for (const shard of shards) session.release(shard);
    expect(await device.memory()).toEqual(after);
    session.close();
  });
});

describe("a stream", () => {
  let device: Device;
  beforeAll(async () => {
    device = await cpu({ worker: false }).open();
  });
  afterAll(() => device.close());

  test("that is spent before the second epoch is an error that says what to do", async () => {
    const session = await compile(network(), { device });
    const ends: EpochEnd[] = [];
    const onRecord = (record: { readonly kind: string }) => {
      if (record.kind === "epoch-end") ends.push(record as EpochEnd);
    };
    const fit = session.fit(inTurn(batchesOf(BATCH)), { epochs: 2, onRecord });
    await expect(fit).rejects.toThrow(
      "[hone] stream: it gave nothing in epoch 2. Give a function that makes it anew, or train for fewer epochs.",
    );
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ epoch: 1, rows: ROWS });
    session.close();
  });

  test("of batchesPerEpoch goes on where the epoch before ended, whatever sizes its batches have", async () => {
    const session = await compile(network(), { device });
    const sizes = [4, 4, 3, 3, 3, 2, 2, 1, 1];
    let row = 0;
    const batches = sizes.map((size) => {
      const batch = batchesOf(size, row, row + size)[0] as Batch;
      row += size;
      return batch;
    });
    let taken = 0;
    async function* counted() {
      for (const batch of batches) {
        taken++;
        yield batch;
      }
    }
    const ends: number[] = [];
    const history = await session.fit(counted(), {
      epochs: 3,
      batchesPerEpoch: 3,
      onRecord: (record) => {
        if (record.kind === "epoch-end") ends.push(record.rows);
      },
    });
    expect(history.steps).toBe(9);
    expect(taken).toBe(9);
    expect(ends).toEqual([11, 8, 4]);
    session.close();
  });

  test("is closed when training is left, and when it fails", async () => {
    const session = await compile(network(), { device });
    let closed = 0;
    async function* endless(batch: Batch) {
      try {
        for (;;) yield batch;
      } finally {
        closed++;
      }
    }
    const [batch] = batchesOf(BATCH) as [Batch];
    const options = { epochs: 1, batchesPerEpoch: 50, progressMs: 0 };
    for await (const _record of session.steps(() => endless(batch), options)) break;
    expect(closed).toBe(1);
    const wrong = { ...batch, y: batch.y.map(() => 9) };
    await expect(session.fit(() => endless(wrong), options)).rejects.toThrow(/holds 9 in row 0/);
    expect(closed).toBe(2);
    const { steps } = await session.fit(() => endless(batch), options);
    expect(steps).toBe(50);
    expect(closed).toBe(3);
    session.close();
  });

  test("that gives what is no batch, or is given a fraction to validate on, is refused", async () => {
    const session = await compile(network(), { device });
    await expect(session.fit(() => inTurn([{ images: x }]))).rejects.toThrow(
      "[hone] stream: it gave an object with images. Give batches { x, y }, or data sets.",
    );
    await expect(session.fit(() => inTurn([]))).rejects.toThrow(/gave nothing in epoch 1/);
    await expect(session.fit(batchesOf(BATCH), { validation: 0.2 })).rejects.toThrow(
      /a stream has no last part/,
    );
    expect(session.step).toBe(0);
    session.close();
  });

  test("is validated after each epoch, and stopped early with the best weights", async () => {
    const session = await compile(network(), { device, optimizer: sgd(0.5) });
    const told: number[] = [];
    const history = await session.fit(() => inTurn(batchesOf(BATCH)), {
      epochs: 12,
      validation: data,
      earlyStopping: { patience: 1 },
      learningRate: (step) => (step < 15 ? 0.3 : 50),
      onRecord: (record) => {
        if (record.kind === "epoch-end") told.push(record.validationLoss as number);
      },
    });
    expect(history.stopped).toBeDefined();
    expect(told.length).toBeLessThan(12);
    expect((await session.evaluate(data)).loss).toBeCloseTo(Math.min(...told), 6);
    session.close();
  });

  test("that diverges in a later epoch goes back to the end of the one before, step number and all", async () => {
    const session = await compile(network(), { device, optimizer: adam(0.01) });
    const options = {
      epochs: 4,
      learningRate: (step: number) => (step < 14 ? 0.01 : 1e38),
    };
    const fit = session.fit(() => inTurn(batchesOf(BATCH)), options);
    await expect(fit).rejects.toThrow(/in epoch [34]\. The weights are those after 1[0-5] steps/);
    expect(session.step).toBeGreaterThanOrEqual(10);
    session.close();
  });

  test("keeps an input apart from an output that is called x", async () => {
    const input = tfl.input({ shape: [4], name: "seen" });
    const outputs = ["x", "note"].map(
      (name) => layers.dense({ units: 1, name }).apply(input) as tfl.SymbolicTensor,
    );
    const model = tfl.model({ inputs: input, outputs });
    const options = { device, loss: "meanSquaredError", optimizer: sgd(0.1) };
    const [streamed, single] = [await compile(model, options), await compile(model, options)];
    const labels = { x: randomValues(6, 1), note: randomValues(6, 2) };
    const batch = { x: x.slice(0, 24), y: labels };
    await streamed.fit([batch, batch], { epochs: 1 });
    for (let step = 0; step < 2; step++) await single.trainOnBatch(batch.x, labels);
    expect(await values(streamed)).toEqual(await values(single));
    for (const session of [streamed, single]) session.close();
  });
});
