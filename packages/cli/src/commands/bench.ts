/** `hone bench`. */
import { HoneError } from "@hone/core";
import { captureModel, profilePrediction, profileTraining } from "@hone/core/internals";
import { zoo } from "@hone/core/models";
import { openDataset } from "@hone/data";
import { type Arguments, readChoice, readNumber } from "../arguments.js";
import { type Command, datasetOption, type Surroundings, threadsOption } from "../command.js";
import { allBackends, backendChoices, openDevice } from "../devices.js";
import { wrap } from "../help.js";
import { kernelTable } from "../kernel-table.js";
import { type KernelTimes, timeKernels } from "../kernel-timing.js";
import { openModel } from "../model-files.js";
import { checkFileWritable, writeWhole } from "../output.js";
import { watchDownload } from "../progress.js";

const modes = ["train", "predict"] as const;

export const benchCommand: Command = {
  name: "bench",
  summary: "time every kernel of a model's step",
  description:
    "With --kernels: microseconds and GFLOP/s of every call of a training step (or of a prediction) at its shapes, " +
    "each measured by itself. FLOPs are those of the full dense formulation, whatever a kernel leaves out. " +
    "Every round also times a product of two small matrices; \"of calibration\" is a call's GFLOP/s over the product's in the " +
    "same round, and holds still where a busy machine makes microseconds waver. Times are medians over the rounds.",
  options: [
    { name: "kernels", help: "time kernels (required: backends are not compared yet)" },
    {
      name: "model",
      value: "MODEL",
      help: `${Object.keys(zoo).join(", ")}, or the path of a tfjs model.json or its folder (default cnn)`,
    },
    { ...datasetOption, help: `${datasetOption.help} (default digits)` },
    {
      name: "backend",
      value: "NAME",
      help: "wasm or cpu (default wasm); others cannot tell what their kernels take",
    },
    { name: "batch-size", value: "N", help: "images in a step (default 64)" },
    threadsOption,
    { name: "mode", value: "NAME", help: "train or predict (default train)" },
    { name: "rounds", value: "N", help: "rounds to take the median of (default 5)" },
    { name: "json", value: "FILE", help: "write the figures here as one JSON object" },
  ],
  run: bench,
};

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

async function bench(given: Arguments, surroundings: Surroundings): Promise<void> {
  if (!given.options.has("kernels")) {
    const what =
      'backends are not compared yet. Run "hone bench --kernels" to time the kernels of one, or see "hone bench --help".';
    throw new HoneError("BadArgument", "bench", what);
  }
  const { terminal } = surroundings;
  const json = given.options.get("json");
  if (json !== undefined) await checkFileWritable(json);
  const report = await measure(given, surroundings);
  terminal.show("");
  terminal.print(reportText(report));
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(report, undefined, 2)}\n`);
  const place = json ?? "none written: --json FILE keeps the figures";
  terminal.print(`\nFiles      ${place}`);
}

async function measure(
  given: Arguments,
  { terminal, interrupt: { signal } }: Surroundings,
): Promise<KernelReport> {
  const modelName = given.options.get("model") ?? "cnn";
  const datasetName = given.options.get("dataset") ?? "digits";
  const choice = readChoice(given, "backend", backendChoices) ?? "wasm";
  const mode = readChoice(given, "mode", modes) ?? "train";
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const batchSize = readNumber(given, "batch-size", { least: 1, most: 65_536, whole: true }) ?? 64;
  const rounds = readNumber(given, "rounds", { least: 1, most: 1000, whole: true }) ?? 5;
  const backends = allBackends(threads);

  const seed = 1;
  const model = await openModel(benchCommand, modelName, seed);
  // As in `hone predict`: a loss plays no part in a prediction, and so any model will do.
  const loss = mode === "predict" ? { loss: "meanSquaredError" as const } : {};
  const captured = captureModel(model, { seed, ...loss });
  const download = watchDownload(terminal);
  const { train: dataset } = await openDataset(datasetName, { signal, progress: download });
  const { device } = await openDevice({ choice, backends, model, batchSize });
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
