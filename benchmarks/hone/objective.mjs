/**
 * What `pickFastest` minimises, measured at leisure for one backend in a fresh process through a session as
 * a user would have it: open + first step + steps × time per step. Prints one JSON object.
 */
import { parseArgs } from "node:util";
import { compile, takeRows } from "@hone/core";
import { zoo } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { openDataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "cnn" },
    mode: { type: "string", default: "train" },
    steps: { type: "string", default: "10000" },
    backend: { type: "string", default: "wasm" },
    seconds: { type: "string", default: "2" },
  },
});
const makers = { cpu, wasm, webgpu };
const { create, defaults } = zoo[values.model];
const { batchSize, optimizer } = defaults;
const { train } = await openDataset("mnist");
const model = create({ seed: 1 });
const leastMs = 1000 * Number(values.seconds);

const openedMs = performance.now();
const device = await makers[values.backend]().open();
const openMs = performance.now() - openedMs;
const session = await compile(model, { device, optimizer });
const beganMs = performance.now();
const stepMs = values.mode === "train" ? await timeTraining() : await timePredictions();
await device.close();
console.log(JSON.stringify(stepMs));

async function timeTraining() {
  const few = takeRows(train, 0, batchSize);
  await session.fit(few, { epochs: 1, batchSize });
  const compileMs = performance.now() - beganMs;
  const samples = [];
  const one = async (rows) => {
    const { seconds, steps } = await session.fit(takeRows(train, 0, rows), {
      epochs: 1,
      batchSize,
    });
    return (1000 * seconds[0]) / steps;
  };
  let rows = 4 * batchSize;
  const endMs = performance.now() + leastMs;
  while (performance.now() < endMs || samples.length < 3) {
    const ms = await one(rows);
    samples.push(ms);
    // Long enough that a session's own beginning and end do not count.
    rows = batchSize * Math.max(4, Math.min(900, Math.round(leastMs / 8 / ms)));
  }
  return result(compileMs, samples.slice(1));
}

async function timePredictions() {
  const row = Float32Array.from(train.columns.x.data.subarray(0, 784), (byte) => byte / 255);
  await session.predict(row);
  const compileMs = performance.now() - beganMs;
  const samples = [];
  const endMs = performance.now() + leastMs;
  while (performance.now() < endMs) {
    const began = performance.now();
    for (let index = 0; index < 20; index++) await session.predict(row);
    samples.push((performance.now() - began) / 20);
  }
  return result(compileMs, samples.slice(samples.length >> 2));
}

function result(compileMs, samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  const totalMs = openMs + compileMs + Number(values.steps) * median;
  return { backend: values.backend, openMs, compileMs, stepMs: median, totalMs };
}
