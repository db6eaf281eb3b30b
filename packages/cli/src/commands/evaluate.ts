/** `hone evaluate`. */
import { classNamesOf, compile } from "@hone/core";
import { openDataset } from "@hone/data";
import { confusionTable } from "@hone/report";
import { type Arguments, misuse, readChoice, readNumber } from "../arguments.js";
import {
  backendOption,
  type Command,
  datasetOption,
  defaultBackend,
  type Surroundings,
  threadsOption,
} from "../command.js";
import { allBackends, backendChoices, openDevice } from "../devices.js";
import { checkClasses, readModel } from "../model-files.js";
import { watchDownload } from "../progress.js";
import { testLine } from "../training-report.js";

export const evaluateCommand: Command = {
  name: "evaluate",
  summary: "test a saved model",
  description:
    "Runs the test images of a data set through a model that hone or tfjs saved, and prints loss, accuracy and confusion matrix.",
  options: [
    { name: "model", value: "DIR", help: "folder of a tfjs model.json, or the file (required)" },
    { ...datasetOption, help: `${datasetOption.help} (required)` },
    backendOption,
    threadsOption,
    { name: "batch-size", value: "N", help: "images at a time (default 256)" },
  ],
  run: evaluate,
};

async function evaluate(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const place = given.options.get("model");
  const datasetName = given.options.get("dataset");
  if (place === undefined)
    throw misuse(evaluateCommand, "--model is missing: the folder of a model");
  if (datasetName === undefined) throw misuse(evaluateCommand, "--dataset is missing");
  const choice = readChoice(given, "backend", backendChoices) ?? defaultBackend;
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const batchSize = readNumber(given, "batch-size", { least: 1, most: 65_536, whole: true }) ?? 256;
  const backends = allBackends(threads);
  const { signal } = interrupt;

  const { model } = await readModel(place);
  const { test } = await openDataset(datasetName, { signal, progress: watchDownload(terminal) });
  checkClasses(model, test);
  const steps = Math.ceil(test.rows / batchSize);
  const wanted = { choice, backends, model, batchSize, steps, mode: "predict", terminal } as const;
  const { device } = await openDevice(wanted);
  try {
    const session = await compile(model, { device });
    terminal.show(`testing on ${device.info.backend}`);
    const result = await session.evaluate(test, { batchSize, signal });
    session.close();
    terminal.print(`Model      ${place}`);
    terminal.print(`Device     ${device.info.backend}: ${device.info.description}`);
    terminal.print(testLine(result, datasetName, test));
    if (result.confusion.length > 0) {
      terminal.print(`\n${confusionTable(result.confusion, classNamesOf(test))}`);
    }
    terminal.print("\nFiles      none written");
  } finally {
    terminal.show("");
    await device.close();
  }
}
