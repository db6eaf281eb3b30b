/** Learning rates of a stream, whose length nobody knows before its end. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import type { TrainOptions } from "./fit-options.js";
import { cosineDecay, oneCycle, piecewise, stepDecay, warmUp } from "./schedule-makers.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());

/** Twelve steps in shards of unequal length, since the batches' sizes differ. */
function* batches() {
  for (const rows of [2, 2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 2]) {
    const x = Float32Array.from({ length: rows }, () => 1);
    yield { x: { data: x, shape: [rows, 1] }, y: { data: x.map(() => 0), shape: [rows, 1] } };
  }
}

/** The weight after an epoch of gradient descent on w² for inputs of 1: each step multiplies it by 1 − 2 · rate. */
async function trained(options: TrainOptions): Promise<number> {
  const model = sequential({
    layers: [
      layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: "ones" }),
    ],
  });
  const session = await compile(model, { device, loss: "meanSquaredError", optimizer: sgd(0.1) });
  await session.fit(batches, { epochs: 1, ...options });
  const [kernel] = await session.weights();
  session.close();
  return kernel?.values[0] as number;
}

test("a schedule in steps goes on from shard to shard", async () => {
  const learningRate = cosineDecay({ start: 0.2, steps: 12 });
  const wanted = Array.from({ length: 12 }, (_, step) => step).reduce(
    (weight, step) => weight * (1 - 0.2 * (1 + Math.cos((Math.PI * step) / 12))),
    1,
  );
  expect(await trained({ learningRate })).toBeCloseTo(wanted, 6);
});

test.each([
  ["cosine", cosineDecay({ start: 0.2, epochs: 1 })],
  ["step", stepDecay({ start: 0.2, epochs: 1, factor: 0.5 })],
  ["one-cycle", oneCycle({ peak: 0.2, epochs: 1 })],
  ["piecewise", piecewise({ boundaries: [1], rates: [0.1, 0.2] })],
  ["warm-up to one", warmUp({ steps: 2, schedule: cosineDecay({ start: 0.2, epochs: 1 }) })],
  ["function of the epoch's steps", (step: number, steps: number) => step / steps],
] as const)("a %s schedule in epochs is refused until an epoch has a length", async (_, given) => {
  const learningRate = given as NonNullable<TrainOptions["learningRate"]>;
  await expect(trained({ learningRate })).rejects.toThrow(
    /learningRate: it counts in epochs, .* Give `batchesPerEpoch`, or lengths in steps/,
  );
  expect(await trained({ learningRate, batchesPerEpoch: 12 })).toBeLessThan(1);
});

test("fit takes a schedule, and refuses one that is none before anything runs", async () => {
  const one = { data: Float32Array.of(1), shape: [1], scale: 1, offset: 0 };
  const zero = { ...one, data: Float32Array.of(0) };
  const rows = { name: "one", rows: 1, columns: { x: one, y: zero } };
  const model = sequential({
    layers: [
      layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: "ones" }),
    ],
  });
  const session = await compile(model, { device, loss: "meanSquaredError", optimizer: sgd(0.1) });
  const wrong = { kind: "cosin" } as never;
  await expect(session.fit(rows, { learningRate: wrong })).rejects.toThrow(/learningRate: /);
  expect(session.step).toBe(0);
  const learningRate = piecewise({ boundaries: [1], rates: [0.25, 0.1] });
  await session.fit(rows, { epochs: 2, learningRate });
  expect((await session.weights())[0]?.values[0]).toBeCloseTo(0.5 * 0.8, 6);
  session.close();
});
