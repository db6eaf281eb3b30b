/** `hone start`, which is `npm start`: the shortest way to see it work. */
import path from "node:path";
import { takeRows } from "@hone/core";
import { createModel, zoo } from "@hone/core/models";
import { type DatasetPair, isUnavailable, openDataset } from "@hone/data";
import { percentText, resultTable } from "@hone/report";
import { type Arguments, readNumber } from "../arguments.js";
import type { Command, Surroundings } from "../command.js";
import { allBackends, openDevice } from "../devices.js";
import { classesOf } from "../model-files.js";
import { checkFolderWritable } from "../output.js";
import { watchDownload } from "../progress.js";
import type { TrainingResult } from "../training-report.js";
import { runTraining } from "../training-run.js";

const epochs = 2;
const folder = "hone-out";
const seed = 1;

export const startCommand: Command = {
  name: "start",
  summary: "train the CNN and the MLP on MNIST for two epochs",
  description:
    "Uses the backend that is fastest here, by measuring. Without a network and without MNIST in the cache it says so, and trains on " +
    `synthetic digits. Models and reports go to ${folder}/.`,
  options: [{ name: "limit", value: "N", help: "train on the first N training images only" }],
  run: start,
};

async function start(given: Arguments, surroundings: Surroundings): Promise<void> {
  const { terminal, interrupt } = surroundings;
  const limit = readNumber(given, "limit", { least: 1, whole: true });
  await checkFolderWritable(folder);
  const { name: datasetName, data } = await openDigits(surroundings);
  const rows = Math.min(limit ?? data.train.rows, data.train.rows);
  const results: TrainingResult[] = [];
  for (const modelName of ["cnn", "mlp"] as const) {
    const model = createModel(modelName, { seed, ...classesOf(data.train) });
    const { batchSize, optimizer } = zoo[modelName].defaults;
    const { device, why } = await openDevice({
      choice: "auto",
      backends: allBackends(),
      model,
      batchSize,
      steps: epochs * Math.ceil(rows / batchSize),
      optimizer,
      data: data.train,
      terminal,
    });
    try {
      terminal.say(`training ${modelName} on ${datasetName}: ${why}`);
      const plan = {
        modelName,
        model,
        datasetName,
        train: takeRows(data.train, 0, rows),
        test: data.test,
        device,
        why,
        optimizer,
        epochs,
        batchSize,
        seed,
        validation: 0,
        out: path.join(folder, modelName),
      };
      results.push(await runTraining(plan, terminal, interrupt));
    } finally {
      await device.close();
    }
  }
  terminal.print(
    resultTable(
      results.map(({ model, test, imagesPerSecond, backend }) => ({
        model,
        data: data.test.synthetic ? `${datasetName} (synthetic)` : datasetName,
        "test accuracy": percentText(test.accuracy),
        "images per second": Math.round(imagesPerSecond),
        backend,
      })),
    ),
  );
  terminal.print(
    `\nFiles      models and reports: ${results.map(({ model }) => `${folder}/${model}`).join(", ")}`,
  );
}

async function openDigits({
  terminal,
  interrupt,
}: Surroundings): Promise<{ readonly name: string; readonly data: DatasetPair }> {
  const { signal } = interrupt;
  try {
    const data = await openDataset("mnist", { signal, progress: watchDownload(terminal) });
    return { name: "mnist", data };
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    terminal.say(
      "[hone] start: MNIST is not in the cache and cannot be downloaded; training on synthetic digits instead.",
    );
    return { name: "digits", data: await openDataset("digits") };
  }
}
