/** `hone start`, which is `npm start`: the shortest way to see it work. */
import path from "node:path";
import { takeRows } from "@hone/core";
import { modelFitting, zoo } from "@hone/core/models";
import { type DatasetPair, isUnavailable, openDataset } from "@hone/data";
import { numberText, percentText, resultTable } from "@hone/report";
import { type Arguments, readNumber } from "../arguments.js";
import type { Command, Surroundings } from "../command.js";
import { deviceLines } from "../device-lines.js";
import { allBackends, openDevice } from "../devices.js";
import { watchDownload } from "../progress.js";
import { earlierRunIn, openTrainingFolder } from "../training-folder.js";
import type { TrainingResult } from "../training-report.js";
import { runTraining } from "../training-run.js";
import { verboseOption } from "../verbose-option.js";

const epochs = 2;
const modelNames = ["cnn", "mlp"] as const;
const firstFolder = "hone-out";
const seed = 1;

export const startCommand: Command = {
  name: "start",
  summary: "train the CNN and the MLP on MNIST for two epochs",
  description:
    "Uses the backend that is fastest here, by measuring. Without a network and without MNIST in the cache it says so, and trains on " +
    `synthetic digits. Models and reports go to ${firstFolder}/, or to ${firstFolder}-2/ and so on where that holds a run.`,
  options: [
    { name: "limit", value: "N", help: "train on the first N training images only" },
    verboseOption,
  ],
  run: start,
};

async function start(given: Arguments, surroundings: Surroundings): Promise<void> {
  const { terminal, interrupt } = surroundings;
  const limit = readNumber(given, "limit", { least: 1, whole: true });
  const verbose = given.options.has("verbose");
  const folder = await freeFolder();
  const { name: datasetName, data } = await openDigits(surroundings);
  const rows = Math.min(limit ?? data.train.rows, data.train.rows);
  const results: TrainingResult[] = [];
  for (const modelName of modelNames) {
    const model = modelFitting(modelName, data.train, { seed });
    const { batchSize, optimizer } = zoo[modelName].defaults;
    const opened = await openDevice({
      choice: "auto",
      backends: allBackends(),
      model,
      batchSize,
      steps: epochs * Math.ceil(rows / batchSize),
      optimizer,
      data: data.train,
      terminal,
    });
    const { device, why, candidates } = opened;
    const into = await openTrainingFolder(path.join(folder, modelName), "hone start", "refuse");
    try {
      if (modelName === modelNames[0]) terminal.say(...deviceLines(opened));
      terminal.say(
        `Training   ${modelName} on ${datasetName}, ${numberText(rows)} images, ${epochs} epochs`,
      );
      const plan = {
        modelName,
        model,
        datasetName,
        train: takeRows(data.train, 0, rows),
        test: data.test,
        device,
        why,
        candidates,
        firstLines: [],
        optimizer,
        epochs,
        batchSize,
        seed,
        validation: 0,
        folder: into,
        verbose,
      };
      const { result, unwritten } = await runTraining(plan, terminal, interrupt);
      if (unwritten !== undefined) throw unwritten;
      results.push(result);
    } finally {
      into.release();
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
    [
      "",
      `Files      models and reports: ${results.map(({ model }) => `${folder}/${model}`).join(", ")}`,
      `Look       ${folder}/${results[0]?.model}/report.html in a browser: curves, mistakes, speed`,
    ].join("\n"),
  );
}

/** `hone-out`, or the first of `hone-out-2` and so on that holds no run. */
async function freeFolder(): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = number === 1 ? firstFolder : `${firstFolder}-${number}`;
    const there = await Promise.all(
      modelNames.map((modelName) => earlierRunIn(path.join(folder, modelName))),
    );
    if (there.every((run) => run === undefined)) return folder;
  }
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
