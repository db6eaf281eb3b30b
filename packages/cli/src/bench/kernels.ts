/** `hone bench --kernels`: what each call of one backend's step takes. */
import { captureModel, profilePrediction, profileTraining } from "@hone/core/internals";
import { isModelName, zoo } from "@hone/core/models";
import { openDataset } from "@hone/data";
import type { CommandSpec } from "../arguments.js";
import { type Arguments, misuse, readChoice, readNumber } from "../arguments.js";
import type { Surroundings } from "../command.js";
import { allBackends, backendChoices, openDevice } from "../devices.js";
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { wrap } from "../help.js";
import { openModelFor } from "../model-files.js";
import { watchDownload } from "../progress.js";
import { kernelTable } from "./kernel-table.js";
import { type KernelTimes, timeKernels } from "./kernel-timing.js";

const modes = ["train", "predict"] as const;
const own = [
  "kernels",
  "model",
  "dataset",
  "backend",
  "batch-size",
  "threads",
  "mode",
  "rounds",
  "json",
];

/** The file of `--json`. */
interface KernelReport extends KernelTimes {
  readonly model: string;
  readonly dataset: string;
  readonly mode: (typeof modes)[number];
  readonly backend: string;
  readonly device: string;
  readonly numerics: string;
  readonly threads: number;
  readonly batchSize: number;
  readonly rounds: number;
}

/** @param command that was asked for it @throws BadArgument for options that only a comparison has */
export async function benchKernels(
  command: CommandSpec,
  given: Arguments,
  surroundings: Surroundings,
): Promise<void> {
  const other = [...given.options.keys()].find((name) => !own.includes(name));
  if (other !== undefined) {
    throw misuse(command, `'--${other}' does not go with --kernels`);
  }
  const { terminal } = surroundings;
  const json = given.options.get("json");
  if (json !== undefined) await checkFileWritable(json);
  const report = await measure(command, given, surroundings);
  terminal.show("");
  terminal.print(reportText(report));
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(report, undefined, 2)}\n`);
  const place = json ?? "none written: --json FILE keeps the figures";
  terminal.print(`\nFiles      ${place}`);
}

async function measure(
  command: CommandSpec,
  given: Arguments,
  { terminal, interrupt: { signal } }: Surroundings,
): Promise<KernelReport> {
  const modelName = given.options.get("model") ?? "cnn";
  const own = isModelName(modelName) ? zoo[modelName].task.dataset : "mnist";
  // Times are the same on any pictures of 28 by 28, and the digits are always at hand.
  const datasetName = given.options.get("dataset") ?? (own === "mnist" ? "digits" : own);
  const choice = readChoice(given, "backend", backendChoices) ?? "wasm";
  const mode = readChoice(given, "mode", modes) ?? "train";
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const batchSize = readNumber(given, "batch-size", { least: 1, most: 65_536, whole: true }) ?? 64;
  const rounds = readNumber(given, "rounds", { least: 1, most: 1000, whole: true }) ?? 5;
  const backends = allBackends(threads);

  const seed = 1;
  const modelFor = await openModelFor(command, modelName, seed);
  const download = watchDownload(terminal);
  const { train } = await openDataset(datasetName, { signal, progress: download });
  const { model, judging, dataFor } = modelFor(train);
  const dataset = dataFor(train);
  // As in `hone predict`: a loss plays no part in a prediction, and so any model will do.
  const judged = mode === "predict" ? { loss: "meanSquaredError", metrics: [] } : judging;
  const captured = captureModel(model, { seed, ...judged });
  const { device } = await openDevice({ choice, backends, model, batchSize, ...judged });
  try {
    const profile = mode === "train" ? profileTraining : profilePrediction;
    const profiler = await profile({ ...captured, device, dataset, batchSize });
    terminal.show(`${modelName}  warming up`);
    const onRound = (round: number) => terminal.show(`${modelName}  round ${round}/${rounds}`);
    const times = await timeKernels({ device, profiler, batchSize, rounds, signal, onRound });
    const { backend, description, numerics, threads } = device.info;
    return {
      model: modelName,
      dataset: datasetName,
      mode,
      backend,
      device: description,
      numerics,
      threads,
      batchSize,
      rounds,
      ...times,
    };
  } finally {
    await device.close();
  }
}

function reportText(report: KernelReport): string {
  const { backend, batchSize, mode, rounds, stepsPerRound } = report;
  const step = mode === "train" ? "training step" : "prediction";
  const note = `${step} of ${batchSize} images; median of ${rounds} rounds of ${stepsPerRound} steps, each call timed by itself`;
  return [
    `Model      ${report.model}`,
    `Data       ${report.dataset}`,
    `Device     ${backend}: ${report.device}`,
    `Step       ${wrap(note, 88).join("\n           ")}`,
    "",
    kernelTable(report),
  ].join("\n");
}
