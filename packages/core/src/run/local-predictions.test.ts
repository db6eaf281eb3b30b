import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device, Executable } from "../backend.js";
import { sgd } from "../graph/optimizer.js";
import type { TrainOptions } from "./fit-options.js";
import type { TrainingRecord } from "./records.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts } from "./test/tiny-model.js";

let device: Device;
let local: Device;
beforeAll(async () => {
  device = await cpu().open();
  local = (await device.local?.()) as Device;
});
afterAll(() => device.close());

const data = tinyData(150);
const rowsOf = (count: number) =>
  Float32Array.from({ length: count * FEATURES }, (_, index) => Math.sin(index) + 0.5);

/** One session that predicts on the calling thread, and one just like it that asks the device. */
function pair(options: Parameters<typeof tinyParts>[1] = {}): readonly [Session, Session] {
  const parts = tinyParts(device, options);
  return [new Session({ ...parts, local }), new Session(parts)];
}

async function expectSameBits([near, far]: readonly [Session, Session]): Promise<void> {
  for (const count of [1, 2, 3, 8, 9, 300]) {
    const rows = rowsOf(count);
    expect(await near.predict(rows), `${count} rows`).toEqual(await far.predict(rows));
  }
}

/** A device that counts what its executables are asked for. */
function counting(counts: { runs: number; reads: number }): Device {
  const counted = (executable: Executable): Executable => ({
    ...executable,
    run(entry, range) {
      counts.runs++;
      executable.run(entry, range);
    },
    read(buffers) {
      counts.reads++;
      return executable.read(buffers);
    },
  });
  return { ...device, load: async (program) => counted(await device.load(program)) };
}

test("the bits are the device's, before training and after more of it", async () => {
  const sessions = pair({ dropout: 0.3 });
  await expectSameBits(sessions);
  for (const epochs of [1, 2]) {
    for (const session of sessions) await session.fit(data, { epochs, batchSize: 16 });
    await expectSameBits(sessions);
  }
  for (const session of sessions) session.close();
});

/** Trains while a prediction at each progress record brings the weights of that moment here. */
async function fitPredicting(session: Session, options: TrainOptions): Promise<TrainingRecord[]> {
  const records: TrainingRecord[] = [];
  for await (const record of session.steps(data, options)) {
    records.push(record);
    if (record.kind === "progress") await session.predict(rowsOf(1));
  }
  return records;
}

test("the bits are the device's after the best weights were brought back", async () => {
  const [near, far] = pair({ optimizer: sgd(1) });
  const learningRate = (step: number, steps: number) => (step < 3 * steps ? 0.3 : 30);
  const earlyStopping = { monitor: "loss", patience: 2 } as const;
  const options = { epochs: 20, batchSize: 30, earlyStopping, learningRate };
  const records = await fitPredicting(near, options);
  expect(records.at(-1)).toMatchObject({ kind: "epoch-end", stopped: {} });
  const before = (await near.predict(rowsOf(9))).data;
  await far.fit(data, options);
  await expectSameBits([near, far]);
  expect((await near.predict(rowsOf(8))).data).toEqual(before.subarray(0, 8 * 3));
  near.close();
  far.close();
});

test("the bits are the device's after training that diverged went back", async () => {
  const [near, far] = pair({ optimizer: sgd(1) });
  // The last step of an epoch finds that the one before it has ruined the weights.
  const learningRate = (step: number) => (step < 28 ? 0.1 : 1e38);
  const options = { epochs: 10, batchSize: 16, learningRate, progressMs: 0 };
  await expect(fitPredicting(near, options)).rejects.toMatchObject({ kind: "Diverged" });
  await expect(far.fit(data, options)).rejects.toMatchObject({ kind: "Diverged" });
  await expectSameBits([near, far]);
  near.close();
  far.close();
});

test("while training runs every prediction is of the weights after some step", async () => {
  const row = rowsOf(1);
  const options = { batchSize: data.rows, shuffle: false };
  const [near, far] = pair();
  const possible = [(await far.predict(row)).data.join()];
  for (let epoch = 0; epoch < 60; epoch++) {
    await far.fit(data, { ...options, epochs: 1 });
    possible.push((await far.predict(row)).data.join());
  }
  let training = true;
  const trained = near.fit(data, { ...options, epochs: 60 }).finally(() => {
    training = false;
  });
  const seen: number[] = [];
  while (training) {
    const several = await Promise.all([near.predict(row), near.predict(row)]);
    for (const { data: outputs } of several) seen.push(possible.indexOf(outputs.join()));
    // These predictions send no message, and so would not let the device's replies in.
    await new Promise((resolve) => setTimeout(resolve));
  }
  await trained;
  expect(seen).not.toContain(-1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(new Set(seen).size).toBeGreaterThan(3);
  expect((await near.predict(row)).data.join()).toBe(possible.at(-1));
  near.close();
  far.close();
});

test("the device is asked for the weights once after they changed, and else for nothing", async () => {
  const counts = { runs: 0, reads: 0 };
  const session = new Session({ ...tinyParts(counting(counts)), local });
  for (const count of [1, 1, 8, 5]) await session.predict(rowsOf(count));
  expect(counts).toEqual({ runs: 0, reads: 0 });
  await session.fit(data, { epochs: 1, batchSize: 16 });
  const trained = { ...counts };
  await Promise.all([session.predict(rowsOf(1)), session.predict(rowsOf(2))]);
  for (const count of [1, 1, 8, 5]) await session.predict(rowsOf(count));
  expect(counts).toEqual({ runs: trained.runs, reads: trained.reads + 1 });
  await session.predict(rowsOf(9));
  expect(counts).toEqual({ runs: trained.runs + 1, reads: trained.reads + 2 });
  session.close();
});

test("the caller may keep and change what a prediction gives", async () => {
  const [session] = pair();
  const first = await session.predict(rowsOf(3));
  const copy = first.data.slice();
  expect(first.data.buffer.byteLength).toBe(first.data.byteLength);
  await session.predict(rowsOf(4));
  expect(first.data).toEqual(copy);
  first.data.fill(7);
  expect((await session.predict(rowsOf(3))).data).toEqual(copy);
  session.close();
});

test("rows that do not fit and values that are not finite are refused as elsewhere", async () => {
  const [session] = pair();
  await expect(session.predict(new Float32Array(5))).rejects.toMatchObject({
    kind: "ShapeMismatch",
  });
  const holed = rowsOf(2);
  holed[FEATURES + 1] = Number.NaN;
  await expect(session.predict(holed)).rejects.toThrow("[hone] predict: row 1 holds NaN.");
  session.close();
});

test("a closed session predicts no more and leaves nothing on the calling thread", async () => {
  const before = await local.memory();
  const [session] = pair();
  await session.predict(rowsOf(1));
  expect((await local.memory()).bytes).toBeGreaterThan(before.bytes);
  await session.fit(data, { epochs: 1, batchSize: 16 });
  const waiting = session.predict(rowsOf(1));
  session.close();
  await expect(waiting).rejects.toThrow();
  await expect(session.predict(rowsOf(1))).rejects.toThrow("[hone] session: it is closed.");
  expect(await local.memory()).toEqual(before);
});

test("a device that is closed takes the calling thread's part with it", async () => {
  const other = await cpu().open();
  const session = new Session({ ...tinyParts(other), local: await other.local?.() });
  await session.predict(rowsOf(1));
  await other.close();
  await expect(session.predict(rowsOf(1))).rejects.toMatchObject({ kind: "DeviceLost" });
});
