/**
 * Writes what a rival must answer, made by the 64-bit reference: weights.bin, the weights to begin with
 * (float32, in the model's order), and answer.json: the losses of the first steps on the training set's
 * first rows in their order, without dropout, since every engine draws its own; and the predictions of
 * those weights for the test set's first rows.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { adam, compile, takeRows } from "@hone/core";
import { cnn, mlp } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { openDataset } from "@hone/data";
import { modelWeights, testImages } from "./prediction.mjs";

const batchSize = 64;
const steps = 3;
const predictedRows = 256;
const models = { cnn: (seed) => cnn({ seed }), mlp: (seed) => mlp({ seed, dropout: 0 }) };

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "cnn" },
    dataset: { type: "string", default: "mnist" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
  },
});

async function main() {
  const make = models[values.model];
  if (make === undefined || values.out === undefined) {
    throw new Error("[benchmark] known-answer: give --model cnn or mlp, and --out DIR.");
  }
  const seed = Number(values.seed);
  const { train } = await openDataset(values.dataset);
  const device = await cpu({ precision: 64 }).open();
  const session = await compile(make(seed), { device, optimizer: adam(1e-3), seed });
  const images = await testImages(predictedRows, undefined, values.dataset);
  const shape = [predictedRows, 28, 28, ...(values.model === "cnn" ? [1] : [])];
  const { data: outputs } = await session.predict({ data: images, shape });
  const losses = [];
  const options = { epochs: 1, batchSize, shuffle: false };
  for await (const record of session.steps(takeRows(train, 0, steps * batchSize), options)) {
    if (record.kind === "progress") losses.push(...record.losses);
  }
  await mkdir(values.out, { recursive: true });
  const weights = await modelWeights({ model: values.model, seed });
  await writeFile(path.join(values.out, "weights.bin"), new Uint8Array(weights.buffer));
  const answer = { model: values.model, batchSize, losses, predictedRows, outputs: [...outputs] };
  await writeFile(path.join(values.out, "answer.json"), JSON.stringify(answer));
  console.log(JSON.stringify({ out: values.out, losses }));
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
