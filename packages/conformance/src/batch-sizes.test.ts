/** Many batch sizes in one session: their entries come and go, and memory stays as it was. */
import "@tensorflow/tfjs-backend-cpu";
import { adam, type Backend, compile, type Dataset, type Device, program, sgd } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => tf.setBackend("cpu"));

const FEATURES = 4;
const CLASSES = 3;
const MOST_ROWS = 200;

const x = Float32Array.from({ length: MOST_ROWS * FEATURES }, (_, at) => Math.sin(at * at));
const y = Uint8Array.from({ length: MOST_ROWS }, (_, row) => (row * 7) % CLASSES);
const data: Dataset = {
  name: "numbers",
  rows: MOST_ROWS,
  columns: {
    x: { data: x, shape: [FEATURES], scale: 1, offset: 0 },
    y: { data: y, shape: [], scale: 1, offset: 0 },
  },
};

function network() {
  return sequential({
    layers: [
      layers.dense({ units: 5, activation: "relu", inputShape: [FEATURES] }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: CLASSES, activation: "softmax" }),
    ],
  });
}

/** 1 to `most`, each once, small ones among large ones. */
const sizesUpTo = (most: number) =>
  Array.from({ length: most }, (_, index) => 1 + ((index * 37 + 11) % most));

const rowsOf = (rows: number) => x.subarray(0, rows * FEATURES);

/** A session of `compile` that does everything it can at each size. */
async function session(device: Device) {
  const loss = "sparseCategoricalCrossentropy";
  const made = await compile(network(), { device, optimizer: adam(1e-3), loss, seed: 1 });
  return {
    at: async (size: number) => {
      await made.trainOnBatch(rowsOf(size), y.subarray(0, size));
      await made.fit(data, { epochs: 1, batchSize: size });
      await made.evaluate(data, { batchSize: size });
      await made.predict(rowsOf(size));
    },
    close: () => made.close(),
  };
}

/** One of `program`, likewise. */
async function functions(device: Device) {
  const weights = tf.variable(tf.tensor2d([0.5, -0.2, 0.1, 0.3], [FEATURES, 1]));
  const output = (input: tf.Tensor) => tf.matMul(input as tf.Tensor2D, weights as never);
  const minimize = (rows: { x: tf.Tensor }) => tf.mean(tf.square(output(rows.x))) as tf.Tensor;
  const made = await program({
    device,
    inputs: { x: [FEATURES] },
    functions: {
      fit: { minimize, variables: [weights], optimizer: sgd(0.01) },
      draw: { compute: (rows: { x: tf.Tensor }) => output(rows.x) },
    },
  });
  return {
    at: async (size: number) => {
      await made.run("fit", { x: rowsOf(size) });
      await made.run("fit", data, { steps: 1, batchSize: size });
      await made.run("draw", { x: rowsOf(size) });
    },
    close: () => made.close(),
  };
}

const isLong = process.env.HONE_SOAK === "1";

/** webgpu compiles shaders for each size, which takes the software driver long: left to the long form. */
const cases: readonly (readonly [backend: Backend, most: number])[] = [
  [cpu(), isLong ? 200 : 60],
  [wasm(), isLong ? 200 : 60],
  ...(isLong ? ([[webgpu(), 200]] as const) : []),
];

for (const [backend, most] of cases) {
  for (const [what, open] of Object.entries({ compile: session, program: functions })) {
    const title = `${backend.name}: ${most} batch sizes in one session of ${what} leave memory flat`;
    test(title, { timeout: 600_000 }, async () => {
      const device = await backend.open();
      const made = await open(device);
      const round = async () => {
        const allocations: number[] = [];
        for (const size of sizesUpTo(most)) {
          await made.at(size);
          allocations.push((await device.memory()).allocations);
        }
        return { allocations, end: await device.memory() };
      };
      const [first, second] = [await round(), await round()];
      // The second round finds what the first did, and needs no more but what a snapshot, taken by the clock, is read through.
      const busiest = Math.max(...first.allocations);
      expect(Math.max(...second.allocations)).toBeLessThanOrEqual(busiest + 1);
      // Eight sizes are as many entries as stay at all; of more the first twenty have made those.
      if (most > 20) {
        const early = Math.max(...first.allocations.slice(0, 20));
        expect(busiest).toBeLessThan(1.5 * early);
      }
      expect(second.end).toEqual(first.end);
      made.close();
      await device.close();
    });
  }
}
