/** What happens when weights or data are changed from outside, and what stays on the device. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import type { Dataset } from "./dataset.js";
import { Session } from "./session.js";
import { tinyData, tinyParts, tinyWeights } from "./test/tiny-model.js";
import { plain, randomValues } from "./test/two-ports.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const data = tinyData(60);
const values = async (session: Session<never>) =>
  (await session.weights()).map((weight) => weight.values);

test("weights are set from arrays, from what weights() gave, and from a model built alike", async () => {
  const model = () => sequential({ layers: [layers.dense({ inputShape: [4], units: 2 })] });
  const [first, other] = [model(), model()];
  const session = await compile(first, { device, loss: "meanSquaredError" });
  const begun = await session.weights();
  const arrays = [randomValues(8, 1), Float32Array.of(3, 4)];
  await session.setWeights(arrays);
  expect(await values(session)).toEqual(arrays);
  await session.setWeights([[...(arrays[0] as Float32Array)], [1, 2]]);
  expect((await values(session))[1]).toEqual(Float32Array.of(1, 2));
  await session.setWeights(begun);
  expect(await session.weights()).toEqual(begun);
  await session.setWeights(other);
  const wanted = other.getWeights().map((weight) => weight.dataSync());
  expect(await values(session)).toEqual(wanted);
  await session.fit(
    {
      ...{ name: "rows", rows: 3 },
      columns: { x: plain(randomValues(12, 2), [4]), y: plain(randomValues(6, 3), [2]) },
    },
    { epochs: 1 },
  );
  await session.setWeights(begun);
  expect(await session.weights()).toEqual(begun);
  session.close();
});

test("weights of another count or shape, or of another model, are refused before any is written", async () => {
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 2 })] });
  const other = sequential({ layers: [layers.dense({ inputShape: [4], units: 3 })] });
  const session = await compile(model, { device, loss: "meanSquaredError" });
  const begun = await session.weights();
  for (const [given, words] of [
    [[new Float32Array(8)], /setWeights: 1 arrays were given, the model has 2 weights/],
    [[new Float32Array(8), [1]], /kernel|bias" is \[2\], 1 values were given\. Give 2/],
    [other, /weight/],
    [null, /the model is null/],
  ] as const) {
    await expect(session.setWeights(given as never)).rejects.toThrow(words);
  }
  expect(await session.weights()).toEqual(begun);
  session.close();
});

test("arrays refilled between two fits are trained on as they are then", async () => {
  const fresh = tinyData(60, 77);
  const shared: Dataset = {
    ...data,
    columns: {
      x: { ...data.columns.x, data: data.columns.x.data.slice() },
      y: { ...data.columns.y, data: data.columns.y.data.slice() },
    },
  };
  const options = { epochs: 1, batchSize: 16 };
  const [refilled, honest] = [new Session(tinyParts(device)), new Session(tinyParts(device))];
  await refilled.fit(shared, options);
  await honest.fit(data, options);
  shared.columns.x?.data.set(fresh.columns.x.data);
  shared.columns.y?.data.set(fresh.columns.y.data);
  await refilled.fit(shared, options);
  await honest.fit(fresh, options);
  expect(await values(refilled)).toEqual(await values(honest));
  // One value alone, far from the beginning.
  const rows = shared.columns.x?.data as Float32Array;
  rows[rows.length - 5] = 9;
  const { loss } = await refilled.evaluate(shared);
  expect(loss).not.toBe((await honest.evaluate(fresh)).loss);
  refilled.close();
  honest.close();
});

/** The device, counting uploads. */
function counting(): { readonly device: Device; readonly uploads: () => number } {
  let uploads = 0;
  const counted: Device = Object.assign(Object.create(device) as Device, {
    info: device.info,
    target: device.target,
    load: device.load.bind(device),
    upload: (columns: Parameters<Device["upload"]>[0]) => {
      uploads++;
      return device.upload(columns);
    },
  });
  return { device: counted, uploads: () => uploads };
}

test("the parts of a validation fraction are uploaded once for all fits of it", async () => {
  const counted = counting();
  const session = new Session(tinyParts(counted.device));
  for (let round = 0; round < 3; round++) {
    await session.fit(data, { epochs: 1, batchSize: 16, validation: 0.25 });
  }
  expect(counted.uploads()).toBe(2);
  await session.fit(data, { epochs: 1, batchSize: 16, validation: 0.5 });
  expect(counted.uploads()).toBe(4);
  session.close();
});

test("release takes a data set and its parts off the device, but not while it is in use", async () => {
  const session = new Session(tinyParts(device));
  const own = tinyData(60, 8);
  session.release(own);
  await session.fit(own, { epochs: 1, batchSize: 16 });
  const loaded = (await device.memory()).bytes;
  await session.fit(own, { epochs: 1, batchSize: 16, validation: 0.2 });
  expect((await device.memory()).bytes).toBeGreaterThan(loaded);
  for await (const _record of session.steps(own, { epochs: 1, batchSize: 16, progressMs: 0 })) {
    expect(() => session.release(own)).toThrow(
      '[hone] release: data set "tiny" is in use. Wait for that to end.',
    );
    break;
  }
  const before = (await device.memory()).bytes;
  session.release(own);
  const bytes = own.columns.x.data.byteLength + own.columns.y.data.byteLength;
  expect(before - (await device.memory()).bytes).toBeGreaterThanOrEqual(bytes);
  await session.fit(own, { epochs: 1, batchSize: 16 });
  session.close();
});

test("release reaches the device also while the calling thread has the weights", async () => {
  const far = await cpu().open();
  const local = (await far.local?.()) as Device;
  const session = new Session({ ...tinyParts(far), local });
  await session.fit(data, { epochs: 1, batchSize: 16 });
  await session.trainOnBatch(data.columns.x.data.slice(0, 12), data.columns.y.data.slice(0, 2));
  const before = (await far.memory()).bytes;
  session.release(data);
  expect((await far.memory()).bytes).toBeLessThan(before);
  session.close();
  await far.close();
});

test("early stopping on the loss brings back the weights that had the best one, a step an epoch", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(0.5) }));
  const told: number[] = [];
  const history = await session.fit(data, {
    epochs: 30,
    batchSize: data.rows,
    earlyStopping: { monitor: "loss", patience: 2 },
    learningRate: (step) => (step < 4 ? 0.5 : 40),
    onRecord: (record) => {
      if (record.kind === "epoch-end") told.push(record.loss);
    },
  });
  const best = Math.min(...told);
  expect(history.stopped?.bestEpoch).toBe(told.indexOf(best) + 1);
  expect(told.at(-1)).toBeGreaterThan(best);
  expect((await session.evaluate(data)).loss).toBeCloseTo(best, 6);
  expect(await values(session)).not.toEqual(tinyWeights());
  session.close();
});
