/** `hone train`. */
import path from "node:path";
import {
  type Augment,
  adam,
  HoneError,
  makeOptimizer,
  type Optimizer,
  type OptimizerKind,
  optimizerKinds,
  takeRows,
} from "@hone/core";
import { isModelName, type TrainingDefaults, trainOptions, zoo } from "@hone/core/models";
import { type Arguments, misuse, readChoice, readNumber } from "../arguments.js";
import { augmentOption, readAugment } from "../augment-option.js";
import { checkpointOptions, readEvery } from "../checkpoint-option.js";
import {
  backendOption,
  type Command,
  datasetOption,
  defaultBackend,
  type Surroundings,
  threadsOption,
} from "../command.js";
import { deviceLines } from "../device-lines.js";
import { allBackends, backendChoices, openDevice } from "../devices.js";
import { isSamePlace } from "../files/destination.js";
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { judgingOptions, readJudging } from "../judging-option.js";
import { openLimited } from "../limited-data.js";
import { openModelFor } from "../model-files.js";
import { checkResultsApart } from "../model-folder.js";
import { watchDownload } from "../progress.js";
import { keepOptions, openResumableRun } from "../resumable-run.js";
import { type ScheduleChoice, scheduleChoices, scheduleOption } from "../schedule-option.js";
import { openTrainingFolder } from "../training-folder.js";
import type { TrainingPlan } from "../training-plan.js";
import { runTraining } from "../training-run.js";
import { verboseOption } from "../verbose-option.js";

const modelNames = Object.keys(zoo).join(", ");

export const trainCommand: Command = {
  name: "train",
  summary: "train a model, and test it",
  description:
    "Trains on the training images, tests on the test images, and prints what came of it; --verbose tells more. " +
    "Of several outputs, one learns the labels; the others are left as they are. " +
    "Models of the zoo bring their published settings as defaults. Ctrl-C keeps the model of the last finished epoch in --out.",
  options: [
    {
      name: "model",
      value: "MODEL",
      help: `${modelNames}, or the path of a tfjs model.json or its folder (default cnn)`,
    },
    {
      ...datasetOption,
      help: `${datasetOption.help} (default that of the model's task; mnist for a saved one)`,
    },
    backendOption,
    {
      name: "epochs",
      value: "N",
      help: "passes over the training images (default the model's own, 10 for a saved one)",
    },
    {
      name: "batch-size",
      value: "N",
      help: "images in a step (default the model's own, 64 for a saved one)",
    },
    {
      name: "learning-rate",
      value: "RATE",
      help: "default 0.001; a model of the zoo may bring its own",
    },
    { name: "optimizer", value: "NAME", help: `${optimizerKinds.join(", ")} (default adam)` },
    scheduleOption,
    ...judgingOptions,
    augmentOption,
    {
      name: "seed",
      value: "N",
      help: "decides weights, order, dropout and augmentation (default 1)",
    },
    {
      name: "validation",
      value: "FRACTION",
      help: "the last part of the training images that only validates (default 0: none)",
    },
    threadsOption,
    { name: "limit", value: "N", help: "train on the first N training images only" },
    {
      name: "freeze",
      help: "of mobilenet and mobilenet-v2: only the classifier learns, from what the rest gives, computed once for each image",
    },
    {
      name: "out",
      value: "DIR",
      help: "keep model.json, weights, MODEL-CARD.md, report.txt and report.html here, epoch by epoch",
    },
    { name: "overwrite", help: "replace the earlier run that is in --out, or in --checkpoint" },
    ...checkpointOptions,
    {
      name: "report",
      value: "FILE",
      help: "write curves, confusion matrix and mistakes here as one HTML page",
    },
    { name: "json", value: "FILE", help: "write the results here as one JSON object" },
    { name: "evaluate-each-epoch", help: "test after every epoch too" },
    verboseOption,
  ],
  run: train,
};

interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly validation: number;
  readonly optimizer?: Optimizer;
  readonly schedule: ScheduleChoice;
  readonly augment?: Augment;
}

async function train(asked: Arguments, surroundings: Surroundings): Promise<void> {
  const everyMs = readEvery(trainCommand, asked);
  const run = await openResumableRun(trainCommand, asked);
  try {
    await trainRun(run?.given ?? asked, surroundings, run && { ...run, everyMs });
  } finally {
    run?.release();
  }
}

async function trainRun(
  given: Arguments,
  { terminal, interrupt }: Surroundings,
  run: TrainingPlan["run"],
): Promise<void> {
  const modelName = given.options.get("model") ?? "cnn";
  const own = isModelName(modelName) ? zoo[modelName].task.dataset : "mnist";
  const datasetName = given.options.get("dataset") ?? own;
  const choice = readChoice(given, "backend", backendChoices) ?? defaultBackend;
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const limit = readNumber(given, "limit", { least: 1, whole: true });
  const defaults = isModelName(modelName) ? zoo[modelName].defaults : undefined;
  const settings = readSettings(given, defaults, datasetName);
  const out = given.options.get("out");
  const json = given.options.get("json");
  const report = given.options.get("report");
  const verbose = given.options.has("verbose");
  if (out !== undefined && json !== undefined) await checkResultsApart(json, out);
  if (report !== undefined) await checkReportApart(report, { out, json });
  if (out === undefined && run === undefined && given.options.has("overwrite")) {
    throw misuse(trainCommand, "--overwrite goes with --out or --checkpoint");
  }
  if (json !== undefined) await checkFileWritable(json);
  if (report !== undefined) await checkFileWritable(report);

  const backends = allBackends(threads);
  const choices = readJudging(given);
  const isKnown = given.options.has("overwrite") || run?.resume !== undefined;
  const earlierRun = isKnown ? "overwrite" : "refuse";
  const folder =
    out === undefined ? undefined : await openTrainingFolder(out, "hone train", earlierRun);
  let unwritten: HoneError | undefined;
  try {
    const modelFor = await openModelFor(
      trainCommand,
      modelName,
      settings.seed,
      choices,
      freezing(given, modelName),
    );
    const { signal } = interrupt;
    const data = await openLimited(datasetName, limit, {
      signal,
      progress: watchDownload(terminal),
    });
    const { model, judging, dataFor } = modelFor(data.train);
    const [training, test] = [dataFor(data.train), dataFor(data.test)];
    await folder?.checkRoomFor(model);
    const rows = Math.min(limit ?? training.rows, training.rows);
    if (run) await keepOptions(run);
    for (const remark of run?.remarks ?? []) terminal.say(remark);
    const { batchSize, epochs, optimizer } = settings;
    const steps = epochs * Math.ceil(rows / batchSize);
    const wanted = { choice, backends, model, batchSize, steps, data: training, terminal };
    const opened = await openDevice({
      ...wanted,
      ...judging,
      ...(optimizer && { optimizer }),
    });
    const { device, why, candidates } = opened;
    try {
      const plan = {
        modelName,
        model,
        judging,
        datasetName,
        train: takeRows(training, 0, rows),
        test,
        device,
        why,
        candidates,
        firstLines: deviceLines(opened),
        ...settings,
        evaluateEachEpoch: given.options.has("evaluate-each-epoch"),
        ...(folder !== undefined && { folder }),
        ...(report !== undefined && { report }),
        verbose,
        ...(run && { run }),
      };
      const outcome = await runTraining(plan, terminal, interrupt);
      unwritten = outcome.unwritten;
      const text = `${JSON.stringify(outcome.result, undefined, 2)}\n`;
      if (json !== undefined) await writeWhole(json, text);
    } finally {
      await device.close();
    }
  } finally {
    folder?.release();
  }
  if (unwritten !== undefined) throw unwritten;
  terminal.print(placesLine({ out, report, json }));
}

/** @throws BadArgument for a model that has nothing to freeze by its own option */
function freezing(given: Arguments, modelName: string): object {
  if (!given.options.has("freeze")) return {};
  if (modelName.startsWith("mobilenet") && isModelName(modelName)) return { frozen: true };
  throw misuse(trainCommand, "--freeze goes with the models mobilenet and mobilenet-v2");
}

function readSettings(
  given: Arguments,
  defaults: TrainingDefaults | undefined,
  datasetName: string,
): Settings {
  const name = readChoice<OptimizerKind>(given, "optimizer", optimizerKinds);
  const rate = readNumber(given, "learning-rate", { least: 0, open: "least" });
  const own = defaults && trainOptions(defaults, datasetName).augment;
  const augment = readAugment(given) ?? own ?? "none";
  const optimizer = chosenOptimizer(name, rate, defaults);
  return {
    epochs:
      readNumber(given, "epochs", { least: 1, most: 1_000_000, whole: true }) ??
      defaults?.epochs ??
      10,
    batchSize:
      readNumber(given, "batch-size", { least: 1, most: 65_536, whole: true }) ??
      defaults?.batchSize ??
      64,
    seed: readNumber(given, "seed", { least: 0, most: 0xffffffff, whole: true }) ?? 1,
    validation: readNumber(given, "validation", { least: 0, most: 1, open: "most" }) ?? 0,
    schedule: readChoice(given, "schedule", scheduleChoices) ?? defaults?.schedule ?? "constant",
    ...(augment !== "none" && { augment }),
    ...(optimizer && { optimizer }),
  };
}

/** Nothing where a saved model may have been compiled with an optimizer of its own. */
function chosenOptimizer(
  name: OptimizerKind | undefined,
  rate: number | undefined,
  defaults: TrainingDefaults | undefined,
): Optimizer | undefined {
  const learningRate = rate ?? defaults?.learningRate ?? 1e-3;
  if (name !== undefined) return makeOptimizer(name, learningRate) as Optimizer;
  if (defaults) return { ...defaults.optimizer, learningRate };
  return rate === undefined ? undefined : adam(rate);
}

interface Places {
  readonly out: string | undefined;
  readonly report: string | undefined;
  readonly json: string | undefined;
}

/** @throws BadArgument when the page would take the place of a file of another kind */
async function checkReportApart(
  report: string,
  { out, json }: Omit<Places, "report">,
): Promise<void> {
  if (json !== undefined && (await isSamePlace(json, report))) {
    const what = "--report and --json name the same file. Give them two.";
    throw new HoneError("BadArgument", report, what);
  }
  // What --out writes there is this very page.
  if (out === undefined || (await isSamePlace(path.join(out, "report.html"), report))) return;
  await checkResultsApart(report, out);
}

function placesLine({ out, report, json }: Places): string {
  const places = [
    ...(out === undefined ? [] : [`model and report: ${out}`]),
    ...(report === undefined ? [] : [`page: ${report}`]),
    ...(json === undefined ? [] : [`results: ${json}`]),
  ];
  if (places.length > 0) return `Files      ${places.join("; ")}`;
  return "Files      none written: --out DIR keeps the model, --report FILE a page, --json FILE the results";
}
