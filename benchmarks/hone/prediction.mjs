/** `session.predict` of the cnn with Hone on its wasm backend, the same in Node and in a page. */
import { compile } from "@hone/core";
import { createModel } from "@hone/core/models";
import { openDataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import { timeRuns } from "../compare/time-runs.mjs";

/** The first rows of the test set as a model takes them: float32 from 0 to 1, [rows, 28, 28, 1]. */
export async function testImages(rows, folder, dataset = "mnist") {
  const { test } = await openDataset(dataset, { folder });
  const bytes = test.columns.x.data.subarray(0, rows * 784);
  return Float32Array.from(bytes, (byte) => byte / 255);
}

/** All weights of the model of this seed one after another, in model order. */
export async function modelWeights({ model = "cnn", seed = 1 } = {}) {
  const parts = await Promise.all(
    createModel(model, { seed })
      .getWeights()
      .map((tensor) => tensor.data()),
  );
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/**
 * @param latency asks `compile` for the program that answers one small batch soonest, where this
 * version has one
 * @returns `{ …, medianMs, imagesPerSecond, outputs }`, where outputs are the probabilities of the batch
 */
export async function predictHone({ batchSize, threads = 1, seed = 1, latency, folder, seconds }) {
  const data = await testImages(batchSize, folder);
  const device = await wasm({ threads }).open();
  try {
    const asked = latency ? { latency: true } : {};
    const session = await compile(createModel("cnn", { seed }), { device, seed, ...asked });
    const rows = { data, shape: [batchSize, 28, 28, 1] };
    const outputs = (await session.predict(rows)).data;
    const { medianMs, runs } = await timeRuns(() => session.predict(rows), { seconds });
    return {
      engine: "hone",
      model: "cnn",
      batchSize,
      threads,
      latency: latency === true,
      runs,
      medianMs,
      imagesPerSecond: (1000 * batchSize) / medianMs,
      outputs: [...outputs],
    };
  } finally {
    await device.close();
  }
}
