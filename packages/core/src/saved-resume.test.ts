/** A saved model goes on from a checkpoint to the bits that the session would have come to which gave it. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "./backend.js";
import { compile } from "./compile.js";
import { adam, sgd } from "./graph/optimizer.js";
import { RandomStream } from "./random.js";
import type { Dataset } from "./run/dataset.js";
import * as runtime from "./runtime.js";

let device: Device;
beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

/** What keeps statistics and draws random numbers. */
function network(units = 8): layers.Sequential {
  const seeded = (seed: number) => layers.initializers.glorotUniform({ seed });
  const dense = (count: number, seed: number, activation: "relu" | "softmax", more = {}) =>
    layers.layers.dense({ units: count, activation, kernelInitializer: seeded(seed), ...more });
  return layers.sequential({
    name: "small",
    layers: [
      dense(units, 1, "relu", { inputShape: [6] }),
      layers.layers.batchNormalization(),
      layers.layers.dropout({ rate: 0.25 }),
      dense(3, 2, "softmax"),
    ],
  });
}

const random = new RandomStream(3, 1);
const rows = 90;
const data: Dataset = {
  name: "small",
  rows,
  columns: {
    x: {
      data: Float32Array.from({ length: rows * 6 }, () => random.nextFloat()),
      shape: [6],
      scale: 1,
      offset: 0,
    },
    y: {
      data: Uint8Array.from({ length: rows }, () => random.nextInteger(3)),
      shape: [],
      scale: 1,
      offset: 0,
    },
  },
};
const options = { epochs: 3, batchSize: 16, progressMs: 0 };

/** A session, its model as it was saved before all training, and its checkpoint of the middle of the second epoch. */
async function brokenOff() {
  const session = await compile(network(), { device, optimizer: adam(0.01), seed: 5 });
  const bytes = await session.save();
  for await (const record of session.steps(data, options)) {
    if (record.kind === "progress" && record.epoch === 2 && record.step >= 3) break;
  }
  const checkpoint = await session.checkpoint();
  const file = await runtime.encodeCheckpoint(checkpoint);
  return { session, model: await runtime.openModel(bytes), checkpoint, file };
}

test("in the middle of an epoch, from a file, also once more from its own checkpoint", async () => {
  const { session, model, file } = await brokenOff();
  const resume = await runtime.decodeCheckpoint(file);
  const second = await runtime.compile(model, { device, resume });
  expect(second.step).toBe(session.step);
  expect(await second.weights()).toEqual(await session.weights());
  const whole = await session.fit(data, { ...options, resume: true });
  for await (const record of second.steps(data, options)) {
    if (record.kind === "progress" && record.epoch === 3) break;
  }
  const third = await compile(model, { device, resume: await second.checkpoint() });
  const { history } = await third.fit(data, options);
  expect(history).toEqual(whole.history);
  const { tensors } = await session.checkpoint();
  expect(Object.keys(tensors).length).toBeGreaterThan((await session.weights()).length);
  expect((await third.checkpoint()).tensors).toEqual(tensors);
  for (const one of [session, second, third]) one.close();
});

test("a checkpoint of another model, seed or optimizer is refused in words", async () => {
  const { session, model, checkpoint } = await brokenOff();
  const other = await compile(network(9), { device, optimizer: adam(0.01), seed: 5 });
  await other.fit(data, { epochs: 1 });
  for (const [more, words] of [
    [
      { resume: await other.checkpoint() },
      /of the checkpoint is \[6,9\], and weight .* is \[6,8\]/,
    ],
    [{ resume: 7 }, /resume.* 7.*a checkpoint/],
    [{ resume: { ...checkpoint, step: -1 } }, /its field "step" is not what it should be/],
    [{ optimizer: sgd(0.1) }, /the optimizer is .* in the checkpoint/],
    [{ seed: 6 }, /the seed is 6, and 5 in the checkpoint/],
  ] as const)
    await expect(
      runtime.compile(model, { device, resume: checkpoint, ...more } as never),
    ).rejects.toMatchObject({ kind: "BadArgument", message: expect.stringMatching(words) });
  for (const one of [session, other]) one.close();
});
