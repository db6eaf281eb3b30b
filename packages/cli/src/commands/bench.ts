/** `hone bench`. */
import type { Mode } from "@hone/bench";
import { HoneError } from "@hone/core";
import { zoo } from "@hone/core/models";
import { openDataset } from "@hone/data";
import { type Arguments, misuse, readNumber } from "../arguments.js";
import { benchBackends } from "../bench/backends.js";
import { checkMeasured, comparisonText, runComparison } from "../bench/comparison.js";
import { benchKernels } from "../bench/kernels.js";
import { readChoices, readNumbers, readWords } from "../bench/lists.js";
import { checkDistinct, rowsOfChoices, rowsOfFile } from "../bench/row-list.js";
import { type Command, datasetOption, type Surroundings } from "../command.js";
import { isSamePlace } from "../files/destination.js";
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { checkMeasurable, openModel } from "../model-files.js";
import { watchDownload } from "../progress.js";

const modes = ["train", "predict"] as const satisfies readonly Mode[];

export const benchCommand: Command = {
  name: "bench",
  summary: "compare backends, or time every kernel of a step",
  description:
    "Times training and prediction of every model, backend and batch size asked for: images per second, steps, the first step, " +
    "memory, and with --epochs whole epochs and the training time to an accuracy. Every row runs in a fresh process, in turns; its answer is " +
    "checked against the 64-bit reference first, and a wrong one has no figures. Ctrl-C keeps the finished rows in --json.\n" +
    "With --kernels: microseconds and GFLOP/s of every call of a training step (or of a prediction) of one backend at its shapes, " +
    "each measured by itself. FLOPs are those of the full dense formulation, whatever a kernel leaves out. " +
    "Every round also times a product of two small matrices; \"of calibration\" is a call's GFLOP/s over the product's in the " +
    "same round, and holds still where a busy machine makes microseconds waver. Times are medians over the rounds.",
  options: [
    {
      name: "model",
      value: "LIST",
      help: `${Object.keys(zoo).join(", ")}, or paths of tfjs models, with commas between (default cnn,mlp; with --kernels one, cnn)`,
    },
    {
      name: "backend",
      value: "LIST",
      help: `${benchBackends.join(", ")}, or the path of a module that exports a Backend (default wasm,webgpu,cpu; with --kernels wasm or cpu)`,
    },
    { name: "batch-size", value: "LIST", help: "images in a step (default 64)" },
    { name: "mode", value: "LIST", help: "train, predict (default both; with --kernels train)" },
    { ...datasetOption, help: `${datasetOption.help} (default mnist; with --kernels digits)` },
    { name: "threads", value: "LIST", help: "threads of the wasm backend, a row each" },
    { name: "latency", help: "predict small batches on the calling thread" },
    {
      name: "epochs",
      value: "N",
      help: "epochs to train for the time to an accuracy (default 0: steps only)",
    },
    { name: "evaluations", value: "N", help: "looks at the test set an epoch (default 4)" },
    { name: "limit", value: "N", help: "train on the first N training images only" },
    { name: "rounds", value: "N", help: "rounds to take the median of (default 3; --kernels 5)" },
    { name: "quick", help: "few samples and one round: that it works, and about how fast" },
    { name: "seed", value: "N", help: "decides weights, order and dropout (default 1)" },
    { name: "timeout", value: "SECONDS", help: "longest wait for one answer (default 60)" },
    { name: "wait-for-quiet", help: "wait while others use the processor, and repeat such runs" },
    { name: "rows", value: "FILE", help: "a JSON list of rows in place of the options above" },
    { name: "json", value: "FILE", help: "write the figures here as one JSON object" },
    { name: "report", value: "FILE", help: "write them as a page here: charts, tables, reasons" },
    { name: "kernels", help: "time the kernels of one backend instead" },
  ],
  run: bench,
};

const whole = { least: 1, whole: true } as const;

async function bench(given: Arguments, surroundings: Surroundings): Promise<void> {
  if (given.options.has("kernels")) return benchKernels(benchCommand, given, surroundings);
  const { terminal, interrupt } = surroundings;
  const { signal } = interrupt;
  const quick = given.options.has("quick");
  const dataset = given.options.get("dataset") ?? "mnist";
  const json = given.options.get("json");
  const limit = readNumber(given, "limit", whole);
  const settings = {
    epochs: readNumber(given, "epochs", { least: 0, most: 1000, whole: true }) ?? 0,
    evaluationsPerEpoch:
      readNumber(given, "evaluations", { least: 1, most: 100, whole: true }) ?? 4,
    seed: readNumber(given, "seed", { least: 0, most: 0xffff0000, whole: true }) ?? 1,
    quick,
    waitForQuiet: given.options.has("wait-for-quiet"),
    timeoutMs: 1000 * (readNumber(given, "timeout", { least: 0.1, most: 86_400 }) ?? 60),
    ...(limit !== undefined && { limit }),
  };
  const rounds = readNumber(given, "rounds", { ...whole, most: 1000 }) ?? (quick ? 1 : 3);
  const rows = await readRows(given, dataset);
  checkDistinct(rows);
  const report = given.options.get("report");
  if (json !== undefined) await checkFileWritable(json);
  if (report !== undefined) await checkFileWritable(report);
  if (json !== undefined && report !== undefined && (await isSamePlace(json, report))) {
    const what = "--report and --json name the same file. Give them two.";
    throw new HoneError("BadArgument", report, what);
  }
  for (const name of new Set(rows.map((row) => row.model))) {
    if (rows.some((row) => row.model === name && "backend" in row)) {
      checkMeasurable(await openModel(benchCommand, name, { seed: settings.seed }), name);
    }
  }
  // Before the first row, so that no row's process downloads.
  for (const name of new Set(rows.map((row) => row.dataset))) {
    await openDataset(name, { signal, progress: watchDownload(terminal) });
  }
  const plan = { rows, rounds, settings, ...(json !== undefined && { json }) };
  const record = await runComparison(plan, terminal, interrupt);
  terminal.print(comparisonText(record));
  if (report !== undefined) {
    // Late: a plotting library, which no row's process must hold.
    const { comparisonPage } = await import("../bench/comparison-page.js");
    await writeWhole(report, comparisonPage(record));
  }
  terminal.print(`\nFiles      ${placesText(json, report)}`);
  checkMeasured(record);
}

function placesText(json: string | undefined, report: string | undefined): string {
  const places = [
    ...(json === undefined ? [] : [`figures: ${json}`]),
    ...(report === undefined ? [] : [`page: ${report}`]),
  ];
  if (places.length > 0) return places.join("; ");
  return "none written: --json FILE keeps the figures, --report FILE a page";
}

async function readRows(given: Arguments, dataset: string) {
  const file = given.options.get("rows");
  if (file === undefined) {
    return rowsOfChoices({
      dataset,
      models: readWords(given, "model") ?? ["cnn", "mlp"],
      backends: readWords(given, "backend") ?? ["wasm", "webgpu", "cpu"],
      batchSizes: readNumbers(given, "batch-size", { ...whole, most: 65_536 }) ?? [64],
      modes: readChoices(given, "mode", modes) ?? modes,
      threads: readNumbers(given, "threads", { ...whole, most: 256 }),
      latency: given.options.has("latency"),
    });
  }
  const other = ["model", "backend", "batch-size", "mode", "threads", "latency"].find((name) =>
    given.options.has(name),
  );
  if (other !== undefined) throw misuse(benchCommand, `'--${other}' does not go with --rows`);
  return rowsOfFile(file, dataset);
}
