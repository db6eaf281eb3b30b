import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Device } from "../backend.js";
import { adam, sgd } from "../graph/optimizer.js";
import type { EpochEnd, TrainingRecord } from "./records.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts, tinyWeights } from "./test/tiny-model.js";

let device: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const data = tinyData(150);

async function collect(records: AsyncIterable<TrainingRecord>): Promise<TrainingRecord[]> {
  const all: TrainingRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

test("fit learns a separable data set and moves every parameter", async () => {
  const session = new Session(tinyParts(device));
  const history = await session.fit(data, { epochs: 12, batchSize: 16 });
  const losses = history.history.loss ?? [];
  expect(losses).toHaveLength(12);
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number));
  expect(history.history.acc?.at(-1)).toBeGreaterThan(0.9);
  expect(history.steps).toBe(12 * 10);
  const before = tinyWeights();
  for (const [index, { values }] of (await session.weights()).entries()) {
    expect(values).not.toEqual(before[index]);
  }
  session.close();
});

test("an epoch visits every row once, the short last batch too, and weighs its loss by its rows", async () => {
  // A learning rate this small leaves the weights alone, so the epoch's loss is the data set's.
  const session = new Session(tinyParts(device, { optimizer: sgd(1e-30) }));
  const { loss, accuracy } = await session.evaluate(data, { batchSize: 7 });
  for (const batchSize of [16, 64, 150, 1000]) {
    const { history } = await session.fit(data, { epochs: 1, batchSize });
    expect(history.loss?.[0]).toBeCloseTo(loss, 5);
    expect(history.acc?.[0]).toBeCloseTo(accuracy, 10);
  }
  session.close();
});

test("a number given to fit is the learning rate of every step, in place of the optimizer's", async () => {
  const trained = async (own: number, given: { readonly learningRate?: number } = {}) => {
    const session = new Session(tinyParts(device, { optimizer: sgd(own) }));
    await session.fit(data, { epochs: 2, batchSize: 16, ...given });
    const weights = await session.weights();
    session.close();
    return weights;
  };
  const wanted = await trained(0.01);
  expect(await trained(0.3, { learningRate: 0.01 })).toEqual(wanted);
  expect(await trained(0.3)).not.toEqual(wanted);
});

test("records count steps and losses, and end each epoch", async () => {
  const session = new Session(tinyParts(device));
  const records = await collect(session.steps(data, { epochs: 2, batchSize: 16 }));
  const ends = records.filter((record): record is EpochEnd => record.kind === "epoch-end");
  expect(ends.map(({ epoch }) => epoch)).toEqual([1, 2]);
  const losses = records.flatMap((record) =>
    record.kind === "progress" ? [...record.losses] : [],
  );
  expect(losses).toHaveLength(20);
  expect(session.step).toBe(20);
  session.close();
});

test("the same seed gives identical bytes, another seed others, whatever the interval of progress", async () => {
  const weightsOf = async (seed: number, progressMs: number) => {
    const session = new Session(tinyParts(device, { seed, dropout: 0.3 }));
    await session.fit(data, { epochs: 3, batchSize: 16, progressMs });
    const weights = await session.weights();
    session.close();
    return weights.map(({ values }) => values);
  };
  const first = await weightsOf(5, 0.001);
  expect(await weightsOf(5, 1000)).toEqual(first);
  expect(await weightsOf(6, 1000)).not.toEqual(first);
});

test("training goes on where it stopped: two fits of one epoch equal one of two", async () => {
  const split = new Session(tinyParts(device, { dropout: 0.3 }));
  await split.fit(data, { epochs: 1, batchSize: 16 });
  await split.fit(data, { epochs: 1, batchSize: 16 });
  const whole = new Session(tinyParts(device, { dropout: 0.3 }));
  await whole.fit(data, { epochs: 2, batchSize: 16 });
  expect(await split.weights()).toEqual(await whole.weights());
  split.close();
  whole.close();
});

test("evaluate agrees with predict, row by row", async () => {
  const session = new Session(tinyParts(device));
  await session.fit(data, { epochs: 2, batchSize: 16 });
  const test = tinyData(41, 9);
  const result = await session.evaluate(test, { batchSize: 8 });
  const outputs = await session.predict(test.columns.x.data as Float32Array);
  expect(outputs.shape).toEqual([41, 3]);
  for (const [index, value] of outputs.data.entries()) {
    expect(result.outputs[index]).toBeCloseTo(value, 6);
  }
  const labels = test.columns.y.data;
  let loss = 0;
  for (let row = 0; row < 41; row++) {
    loss -= Math.log(outputs.data[3 * row + (labels[row] as number)] as number) / 41;
  }
  expect(result.loss).toBeCloseTo(loss, 5);
  const right = result.predicted.filter((guess, row) => guess === labels[row]).length;
  expect(result.accuracy).toBe(right / 41);
  expect(result.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(41);
  const [first] = result.perClass;
  expect(first?.support).toBe(labels.filter((label) => label === 0).length);
  expect(first?.recall).toBe((result.confusion[0]?.[0] as number) / (first?.support as number));
  session.close();
});

test("validation by fraction judges the last rows and leaves them out of training", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(1e-30) }));
  const { history, steps } = await session.fit(data, { epochs: 1, batchSize: 10, validation: 0.2 });
  expect(steps).toBe(12);
  const last = {
    ...data,
    rows: 30,
    columns: {
      x: { ...data.columns.x, data: data.columns.x.data.subarray(120 * FEATURES) },
      y: { ...data.columns.y, data: data.columns.y.data.subarray(120) },
    },
  };
  expect(history.val_loss?.[0]).toBeCloseTo((await session.evaluate(last)).loss, 6);
  session.close();
});

test("early stopping ends training and brings the best weights back", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(1) }));
  const kept: number[] = [];
  // Learning turns into unlearning after the third epoch.
  const learningRate = (step: number, steps: number) => (step < 3 * steps ? 0.3 : 300);
  const history = await session.fit(data, {
    epochs: 20,
    batchSize: 30,
    validation: 0.2,
    earlyStopping: { patience: 2 },
    learningRate,
    onRecord: (record) => record.kind === "epoch-end" && kept.push(record.validationLoss as number),
  });
  expect(history.stopped?.bestEpoch).toBe(3);
  expect(history.epoch).toHaveLength(5);
  const validation = { ...data, rows: 30 };
  const columns = {
    x: { ...data.columns.x, data: data.columns.x.data.subarray(120 * FEATURES) },
    y: { ...data.columns.y, data: data.columns.y.data.subarray(120) },
  };
  const { loss } = await session.evaluate({ ...validation, columns });
  expect(loss).toBeCloseTo(Math.min(...kept), 6);
  session.close();
});

test("a loss that is not finite stops training, names the step, and leaves finite weights", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(1) }));
  const learningRate = (step: number) => (step < 25 ? 0.1 : 1e38);
  const training = session.fit(data, { epochs: 10, batchSize: 16, learningRate });
  await expect(training).rejects.toThrow(
    /^\[hone\] step 2[67]: the (loss|gradient's norm) is .* in epoch 3/,
  );
  await expect(training).rejects.toMatchObject({ kind: "Diverged" });
  for (const { values } of await session.weights())
    expect(values.every(Number.isFinite)).toBe(true);
  const { history } = await session.fit(data, {
    epochs: 1,
    batchSize: 16,
    learningRate: () => 0.01,
  });
  expect(history.loss?.[0]).toBeLessThan(2);
  session.close();
});

test("weights that the last finite step has ruined are not what training returns to", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(1) }));
  const { loss } = await session.evaluate(data);
  // The first step's loss and gradient are finite; its update is not.
  const learningRate = (step: number) => (step === 0 ? 3e38 : 0.1);
  const options = { epochs: 3, batchSize: 16, learningRate, progressMs: 0 };
  await expect(session.fit(data, options)).rejects.toThrow(/The weights are those after 0 steps/);
  expect(session.step).toBe(0);
  expect((await session.evaluate(data)).loss).toBe(loss);
  session.close();
});

test("a caller's pause is no part of the speed that is told", async () => {
  const session = new Session(tinyParts(device));
  const pauseMs = 3_600_000;
  let pausedMs = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + pausedMs);
  for await (const record of session.steps(data, { epochs: 1, batchSize: 16, progressMs: 0 })) {
    if (record.kind === "epoch-end") expect(1000 * record.seconds).toBeLessThan(pauseMs / 2);
    if (record.kind === "progress" && record.step === 3) pausedMs = pauseMs;
  }
  expect(pausedMs).toBe(pauseMs);
  clock.mockRestore();
  session.close();
});

test("divergence goes back to the end of the last good epoch at least", async () => {
  const session = new Session(tinyParts(device, { optimizer: sgd(1) }));
  const options = {
    epochs: 10,
    batchSize: 16,
    learningRate: (step: number) => (step < 24 ? 0.1 : 1e38),
  };
  await expect(session.fit(data, options)).rejects.toThrow(/weights are those after 20 steps/);
  session.close();
});

test("training without data is refused in words", async () => {
  const session = new Session(tinyParts(device));
  await expect(session.fit(undefined as never)).rejects.toThrow(
    /^\[hone\] data set: got undefined/,
  );
  session.close();
});

test("an abort signal ends training between chunks; the session stays usable", async () => {
  const session = new Session(tinyParts(device));
  const controller = new AbortController();
  const seen: TrainingRecord[] = [];
  const run = async () => {
    for await (const record of session.steps(data, {
      epochs: 1000,
      batchSize: 16,
      signal: controller.signal,
    })) {
      seen.push(record);
      if (seen.length === 5) controller.abort();
    }
  };
  await expect(run()).rejects.toMatchObject({ kind: "Aborted" });
  // The chunk already computed may still end its epoch.
  expect(seen.length).toBeLessThanOrEqual(6);
  expect((await session.evaluate(data)).accuracy).toBeGreaterThan(0);
  session.close();
});

test("breaking out of steps stops training; one training at a time", async () => {
  const session = new Session(tinyParts(device));
  for await (const _record of session.steps(data, { epochs: 5, batchSize: 16 })) {
    await expect(session.fit(data)).rejects.toThrow(/training already/);
    break;
  }
  const stopped = session.step;
  expect(stopped).toBeLessThan(30);
  await session.fit(data, { epochs: 1, batchSize: 16 });
  expect(session.step).toBe(stopped + 10);
  session.close();
});

test.each([
  [{ batchSize: 0 }, /batchSize is 0\. Give a whole number above 0/],
  [{ epochs: 1.5 }, /epochs is 1\.5\. Give a whole number above 0/],
  [{ validation: 1.5 }, /validation is 1\.5\. Give a fraction/],
  [{ learningRate: () => Number.NaN }, /learningRate: it gave NaN for step 0/],
  [{ earlyStopping: { monitor: "val_acc" as const } }, /there is no validation data/],
  [{ earlyStopping: { monitor: "accuracy" as "acc" } }, /there is no figure "accuracy"/],
  [{ earlyStopping: { patience: Number.NaN } }, /patience is NaN\. Give a whole number of epochs/],
])("fit refuses %o before anything runs", async (options, message) => {
  const session = new Session(tinyParts(device));
  await expect(session.fit(data, { epochs: 1, batchSize: 16, ...options })).rejects.toThrow(
    message,
  );
  expect(session.step).toBe(0);
  session.close();
});

test("data of the wrong shape, labels out of range and NaN are refused with both values", async () => {
  const session = new Session(tinyParts(device));
  const { x, y } = data.columns;
  const narrow = {
    ...data,
    columns: { x: { ...x, data: x.data.subarray(0, 600), shape: [4] }, y },
  };
  await expect(session.fit(narrow)).rejects.toThrow(
    /a row of the data is \[4\], the model takes \[6\]/,
  );
  await expect(session.fit(data, { validation: narrow })).rejects.toThrow(/\[4\], the model takes/);
  expect(session.step).toBe(0);
  for (const batchSize of [0, -1, 1.5, Number.NaN])
    await expect(session.evaluate(data, { batchSize })).rejects.toThrow(/batchSize is/);
  const wrong = { ...data, columns: { x, y: { ...y, data: y.data.map(() => 7) } } };
  await expect(session.fit(wrong)).rejects.toThrow(
    /column y holds 7 in row 0, .* takes whole numbers from 0 to 2\. The model has 3 classes/,
  );
  const holed = { ...data, columns: { x: { ...x, data: x.data.map(() => Number.NaN) }, y } };
  await expect(session.fit(holed)).rejects.toThrow(/NaN in row 0/);
  await expect(session.predict(new Float32Array(5))).rejects.toMatchObject({
    kind: "ShapeMismatch",
  });
  for (const rows of ["123456", [[1, "2"]], undefined])
    await expect(session.predict(rows as never)).rejects.toMatchObject({ kind: "BadArgument" });
  session.close();
});

test("explain tells FLOPs and calls without running anything", async () => {
  const session = new Session(tinyParts(device));
  const explained = await session.explain({ batchSize: 16 });
  const products = explained.calls.filter(({ op }) => op === "BatchMatMul");
  // Forward two, backward three: the first layer's input needs no gradient.
  expect(products).toHaveLength(5);
  expect(products[0]?.flops).toBe(2 * 16 * FEATURES * 8);
  expect(products[0]?.layer).toBe("hidden");
  expect(explained.parameters).toBe(FEATURES * 8 + 8 + 24 + 3);
  expect(explained.text).toContain("MFLOP");
  session.close();
});

test("explain tells bytes against what the device can give, and the most rows that fit", async () => {
  const { target } = device;
  const roomOf = async (limits: Partial<typeof target>, batchSize = 16) => {
    const limited = { ...target, ...limits };
    const { room, text } = await new Session(tinyParts({ ...device, target: limited })).explain({
      batchSize,
    });
    return { ...room, text };
  };
  const open = await roomOf({});
  expect(open).toMatchObject({ deviceBytes: "unknown", fits: "unknown" });
  expect(open.text).toContain("does not say how much it gives in all");
  const { memoryBytes } = await new Session(tinyParts(device)).explain({ batchSize: 40 });
  const whole = await roomOf({ memoryBytes });
  expect(whole).toMatchObject({ deviceBytes: memoryBytes, fits: true, mostRows: 40 });
  expect(await roomOf({ memoryBytes }, 41)).toMatchObject({ fits: false, mostRows: 40 });
  expect(await roomOf({ memoryBytes: 10 })).toMatchObject({ fits: false, mostRows: 0 });
  // The ring of figures is a block as well.
  const pieces = await roomOf({ maxBlockBytes: open.largestBlockBytes - 1 });
  expect(pieces).toMatchObject({ fits: false, mostRows: 0 });
});

test("closing frees what the session held on the device", async () => {
  const before = await device.memory();
  const session = new Session(tinyParts(device, { optimizer: adam() }));
  await session.fit(data, { epochs: 1, batchSize: 16, validation: 0.1 });
  expect((await device.memory()).bytes).toBeGreaterThan(before.bytes);
  session.close();
  expect(await device.memory()).toEqual(before);
  await expect(session.fit(data)).rejects.toThrow(/closed/);
});
