/** Whole epochs with Hone on its wasm backend, the same in Node and in a page. */
import { adam, compile, takeRows } from "@hone/core";
import { createModel, isModelName, zoo } from "@hone/core/models";
import { openDataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import { epochRate } from "../compare/statistics.mjs";
import { cnnBn } from "./cnn-bn.mjs";
import { madeModel, madeRows } from "./made-rows.mjs";

/**
 * Trains one of the study's models, one of made-models.json, or "cnn-bn". Counted are whole epochs as `epoch-end` records
 * tell them: gather, forward, loss, backward, optimizer; not compilation.
 * @param folder where the data sets are: a folder, or in a page an address; HONE_DATA unless given
 */
export async function trainHone({
  model: name,
  dataset: datasetName = "mnist",
  threads = 1,
  epochs = 2,
  limit = 60000,
  seed = 1,
  evaluate = false,
  folder,
}) {
  const made = madeModel(name);
  const model = isModelName(name) ? createModel(name, { seed, ...made?.options }) : cnnBn({ seed });
  const learningRate = isModelName(name) ? zoo[name].defaults.learningRate : 1e-3;
  const batchSize = made?.batchSize ?? 64;
  const data = made
    ? { train: await madeRows(made, Math.min(limit, made.rows), seed) }
    : await openDataset(datasetName, { folder });
  const rows = Math.min(limit, data.train.rows);
  const device = await wasm({ threads }).open();
  try {
    const loss = "sparseCategoricalCrossentropy";
    const session = await compile(model, { device, optimizer: adam(learningRate), loss, seed });
    const results = [];
    const train = takeRows(data.train, 0, rows);
    for await (const record of session.steps(train, { epochs, batchSize })) {
      if (record.kind !== "epoch-end") continue;
      const { epoch, loss, accuracy, seconds } = record;
      results.push({ epoch, loss, accuracy, seconds });
    }
    return {
      engine: "hone",
      model: name,
      dataset: made ? "random" : datasetName,
      images: rows,
      threads,
      batchSize,
      epochs: results,
      imagesPerSecond: epochRate(rows, results),
      ...(evaluate && { accuracy: (await session.evaluate(data.test)).accuracy }),
      device: device.info.description,
    };
  } finally {
    await device.close();
  }
}
