import "@tensorflow/tfjs-backend-cpu";
import { type CpuOptions, cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Device } from "./backend.js";
import { compile } from "./compile.js";
import type { Dataset } from "./run/dataset.js";

beforeAll(() => tfc.setBackend("cpu"));

const ROWS = 40;
const FEATURES = 4;
const x = Float32Array.from({ length: ROWS * FEATURES }, (_, index) => Math.sin(index * index));
const y = Uint8Array.from({ length: ROWS }, (_, row) => (row * 7) % 3);
const data: Dataset = {
  name: "numbers",
  rows: ROWS,
  columns: {
    x: { data: x, shape: [FEATURES], scale: 1, offset: 0 },
    y: { data: y, shape: [], scale: 1, offset: 0 },
  },
};

/** Dropout, and moving statistics that only a training step changes. */
function model() {
  const { dense, batchNormalization, dropout } = layers;
  return sequential({
    layers: [
      dense({ units: 8, activation: "relu", inputShape: [FEATURES] }),
      batchNormalization(),
      dropout({ rate: 0.3 }),
      dense({ units: 3, activation: "softmax" }),
    ],
  });
}

describe.each<CpuOptions>([
  { precision: 32 },
  { precision: 64, worker: true },
  { precision: 32, worker: false },
])("latency on cpu(%o)", (options) => {
  test("gives the device's own bits for a model with dropout and batch normalisation", async () => {
    const device = await cpu(options).open();
    const network = model();
    const near = await compile(network, { device, latency: true, seed: 5 });
    const far = await compile(network, { device, seed: 5 });
    for (let round = 0; round < 3; round++) {
      for (const count of [1, 3, 8, 9]) {
        const rows = x.slice(0, count * FEATURES);
        expect(await near.predict(rows)).toEqual(await far.predict(rows));
      }
      await near.fit(data, { epochs: 1, batchSize: 16 });
      await far.fit(data, { epochs: 1, batchSize: 16 });
      expect(await near.evaluate(data)).toEqual(await far.evaluate(data));
    }
    near.close();
    far.close();
    await device.close();
  });
});

test("a local device of other arithmetic is left alone", async () => {
  const device = await cpu().open();
  const local = await cpu({ precision: 64 }).open();
  const other: Device = { ...device, local: async () => local };
  const session = await compile(model(), { device: other, latency: true });
  await session.predict(x);
  await session.predict(x.slice(0, FEATURES));
  expect(await local.memory()).toEqual({ bytes: 0, allocations: 0 });
  session.close();
  await device.close();
  await local.close();
});

test("without latency nothing is opened on the calling thread, and its failure with it is told", async () => {
  const device = await cpu().open();
  const local = () => Promise.reject(new Error("no room"));
  const options = { device: { ...device, local } };
  const session = await compile(model(), options);
  await session.predict(x.slice(0, FEATURES));
  await expect(compile(model(), { ...options, latency: true })).rejects.toThrow("no room");
  session.close();
  await device.close();
});
