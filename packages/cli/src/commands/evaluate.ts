/** `hone evaluate`. */
import { classNamesOf, compile, visibleText } from "@hone/core";
import { openDataset } from "@hone/data";
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
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { checkInputs, judgingFor, judgingOptions, readJudging } from "../judging-option.js";
import { readModel } from "../model-files.js";
import { watchDownload } from "../progress.js";
import { confusionTexts, type TestResult, testLine, testResult } from "../training-report.js";

export const evaluateCommand: Command = {
  name: "evaluate",
  summary: "test a saved model",
  description:
    "Runs the test images of a data set through a model that hone or tfjs saved, and prints loss, accuracy and confusion matrix. " +
    "Of several outputs, the labels judge one; the others have none to be judged by.",
  options: [
    { name: "model", value: "DIR", help: "folder of a tfjs model.json, or the file (required)" },
    { ...datasetOption, help: `${datasetOption.help} (required)` },
    backendOption,
    threadsOption,
    { name: "batch-size", value: "N", help: "images at a time (default 256)" },
    ...judgingOptions,
    { name: "json", value: "FILE", help: "write the results here as one JSON object" },
  ],
  run: evaluate,
};

/** The file of `--json`. */
interface EvaluationRecord extends TestResult {
  readonly model: string;
  readonly dataset: string;
  readonly backend: string;
  readonly device: string;
  readonly rows: number;
}

async function evaluate(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const place = given.options.get("model");
  const datasetName = given.options.get("dataset");
  if (place === undefined)
    throw misuse(evaluateCommand, "--model is missing: the folder of a model");
  if (datasetName === undefined) throw misuse(evaluateCommand, "--dataset is missing");
  const choice = readChoice(given, "backend", backendChoices) ?? defaultBackend;
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const batchSize = readNumber(given, "batch-size", { least: 1, most: 65_536, whole: true }) ?? 256;
  const json = given.options.get("json");
  if (json !== undefined) await checkFileWritable(json);
  const backends = allBackends(threads);
  const { signal } = interrupt;

  const { model } = await readModel(place);
  checkInputs(model, place);
  const { test } = await openDataset(datasetName, { signal, progress: watchDownload(terminal) });
  const judging = judgingFor(evaluateCommand, model, test, readJudging(given));
  const steps = Math.ceil(test.rows / batchSize);
  const wanted = { choice, backends, model, batchSize, steps, mode: "predict", terminal } as const;
  const { device } = await openDevice(wanted);
  try {
    const session = await compile(model, { device, ...judging });
    terminal.show(`testing on ${device.info.backend}`);
    const result = testResult(await session.evaluate(test, { batchSize, signal }));
    session.close();
    terminal.print(`Model      ${visibleText(place)}`);
    const { backend, description } = device.info;
    terminal.print(`Device     ${backend}: ${description}`);
    terminal.print(testLine(result, datasetName, test));
    for (const text of confusionTexts(result, classNamesOf(test))) terminal.print(`\n${text}`);
    if (json !== undefined) {
      const from = { model: place, dataset: datasetName, backend, device: description };
      const record: EvaluationRecord = { ...from, rows: test.rows, ...result };
      await writeWhole(json, `${JSON.stringify(record, undefined, 2)}\n`);
    }
    terminal.print(`\nFiles      ${json === undefined ? "none written" : `results: ${json}`}`);
  } finally {
    terminal.show("");
    await device.close();
  }
}
