/**
 * Long use of one backend in a process of its own: `node --expose-gc endurance-run.mjs BACKEND STEPS CYCLES`. Prints resident
 * megabytes as one line of JSON: after a tenth of the steps and after all, after a fifth of the cycles and after all.
 */
import { compile } from "@hone/core";
import { cpu } from "@hone/cpu";
import { openDataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";

const [name, steps, cycles] = process.argv.slice(2);
await tf.setBackend("cpu");
const { train } = await openDataset("digits");
const device = await { cpu, wasm, webgpu }[name]().open();
const begun = () => {
  const model = sequential({
    layers: [
      layers.flatten({ inputShape: [28, 28, 1] }),
      layers.dense({ units: 16, activation: "relu", kernelInitializer: "glorotUniform" }),
      layers.dense({ units: 10, activation: "softmax", kernelInitializer: "glorotUniform" }),
    ],
  });
  return { model, session: compile(model, { device, seed: 1 }) };
};
const residentMB = async () => {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage.rss() / 2 ** 20;
};

const found = {};
const session = await begun().session;
const batchSize = Math.ceil(train.rows / 100);
const epochs = Number(steps) / 100;
await session.fit(train, { epochs: epochs / 10, batchSize });
found.afterTenth = await residentMB();
await session.fit(train, { epochs: epochs - epochs / 10, batchSize });
found.afterAll = await residentMB();
session.close();

const cycle = async () => {
  const { model, session: opening } = begun();
  const one = await opening;
  await one.fit(train, { epochs: 1, batchSize: 1024 });
  one.close();
  model.dispose();
};
for (let count = 0; count < Number(cycles) / 5; count++) await cycle();
found.cyclesAfterFifth = await residentMB();
for (let count = 0; count < (Number(cycles) * 4) / 5; count++) await cycle();
found.cyclesAfterAll = await residentMB();
console.log(JSON.stringify(found));
await device.close();
