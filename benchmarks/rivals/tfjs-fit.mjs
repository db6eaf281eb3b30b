/**
 * Trains or predicts with stock tfjs's own API, `model.fit` and `model.predict`, in Node, and prints one
 * JSON object. Its `fit` shuffles by Math.random, so its epochs cannot be made twice; what is checked are
 * its first steps, unshuffled and without dropout.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { cnn, createModel, mlp } from "@hone/core/models";
import { openDataset } from "@hone/data";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import { epochRate } from "../compare/statistics.mjs";
import { timeRuns } from "../compare/time-runs.mjs";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    task: { type: "string", default: "train" },
    model: { type: "string", default: "mlp" },
    dataset: { type: "string", default: "mnist" },
    epochs: { type: "string", default: "2" },
    limit: { type: "string", default: "60000" },
    "batch-size": { type: "string", default: "64" },
    seconds: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    known: { type: "string" },
  },
});

const batchSize = Number(values["batch-size"]);

async function openBackend(name) {
  if (name === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    const folder = path.dirname(
      new URL(import.meta.resolve("@tensorflow/tfjs-backend-wasm")).pathname,
    );
    setWasmPaths(`${folder}/`);
  } else if (name === "cpu") {
    await import("@tensorflow/tfjs-backend-cpu");
  } else {
    throw new Error(`[rival] tfjs: there is no backend ${name} in Node. Give wasm or cpu.`);
  }
  if (!(await tf.setBackend(name))) {
    throw new Error(`[rival] tfjs: its backend ${name} does not start.`);
  }
}

/** The first rows of a set as float tensors, of the shape the model takes. */
function tensors({ columns: { x, y } }, rows, model) {
  const shape = [rows, ...model.inputs[0].shape.slice(1)];
  const pixels = Float32Array.from(x.data.subarray(0, 784 * rows), (byte) => byte / 255);
  const labels = Float32Array.from(y.data.subarray(0, rows));
  return { images: tf.tensor(pixels, shape), labels: tf.tensor(labels, [rows, 1]) };
}

function compileModel(model) {
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
  return model;
}

/** The model with the known weights, and without dropout. */
async function knownModel() {
  const model = values.model === "cnn" ? cnn({}) : mlp({ dropout: 0 });
  const bytes = await readFile(path.join(values.known, "weights.bin"));
  const weights = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let at = 0;
  const parts = model.getWeights().map(({ shape, size }) => {
    const part = tf.tensor(weights.slice(at, at + size), shape);
    at += size;
    return part;
  });
  model.setWeights(parts);
  return model;
}

async function firstLosses(train) {
  const model = compileModel(await knownModel());
  const { images, labels } = tensors(train, 192, model);
  const losses = [];
  await model.fit(images, labels, {
    epochs: 1,
    batchSize: 64,
    shuffle: false,
    verbose: 0,
    callbacks: { onBatchEnd: (_batch, { loss }) => void losses.push(loss) },
  });
  return losses;
}

async function train() {
  const { train: set, test } = await openDataset(values.dataset);
  const known = values.known === undefined ? {} : { firstLosses: await firstLosses(set) };
  const model = compileModel(createModel(values.model, { seed: Number(values.seed) }));
  const count = Math.min(Number(values.limit), set.rows);
  const { images, labels } = tensors(set, count, model);
  const results = [];
  let started = 0;
  await model.fit(images, labels, {
    epochs: Number(values.epochs),
    batchSize,
    shuffle: true,
    verbose: 0,
    yieldEvery: "never",
    callbacks: {
      onEpochBegin: () => {
        started = performance.now();
      },
      onEpochEnd: (epoch, { loss }) => {
        const seconds = (performance.now() - started) / 1000;
        results.push({ epoch: epoch + 1, loss, seconds });
      },
    },
  });
  const tested = tensors(test, 1000, model);
  const found = tf.argMax(model.predict(tested.images), 1).dataSync();
  const right = found.filter((label, row) => label === test.columns.y.data[row]).length;
  return {
    images: count,
    epochs: results,
    imagesPerSecond: epochRate(count, results),
    accuracyOfThousand: right / 1000,
    ...known,
  };
}

async function predict() {
  const { test } = await openDataset(values.dataset);
  const model = await knownModel();
  const { images } = tensors(test, batchSize, model);
  const pixels = images.dataSync();
  const run = async () => {
    const input = tf.tensor(pixels, images.shape);
    const output = model.predict(input);
    const data = await output.data();
    tf.dispose([input, output]);
    return data;
  };
  const outputs = await run();
  const times = await timeRuns(run, { seconds: Number(values.seconds), leastRuns: 5 });
  const imagesPerSecond = (1000 * batchSize) / times.medianMs;
  return { ...times, imagesPerSecond, outputs: [...outputs] };
}

try {
  tf.enableProdMode();
  await openBackend(values.backend);
  const result = values.task === "predict" ? await predict() : await train();
  console.log(
    JSON.stringify({
      rival: `tfjs-${values.backend}`,
      version: tf.version_core,
      model: values.model,
      batchSize,
      threads: 1,
      processBytes: 1024 * process.resourceUsage().maxRSS,
      ...result,
    }),
  );
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
