/** One training run, from a model and data to files: what `hone train` and `hone start` share. */
import {
  classNamesOf,
  compile,
  type Dataset,
  type EpochEnd,
  type Evaluation,
  HoneError,
  type Moved,
  split,
} from "@hone/core";
import { encodeModel } from "@hone/core/io";
import { figureLabel, figureText, findMistakes, isShare } from "@hone/report";
import { augmentText } from "./augment-option.js";
import type { Interrupt } from "./interrupt.js";
import { checkLastStep } from "./last-step.js";
import { watchTraining } from "./progress.js";
import { RunKeeper } from "./run-keeper.js";
import { scheduleOf } from "./schedule-option.js";
import type { Terminal } from "./terminal.js";
import { openTrainingPages, type TrainingPageRun } from "./training-page.js";
import type { TrainingPlan } from "./training-plan.js";
import {
  type EpochResult,
  epochResult,
  type RunHeader,
  reportText,
  shortReport,
  type TrainingResult,
  testResult,
} from "./training-report.js";

/** What a run came to, and what of it could not be written. */
export interface TrainingOutcome {
  readonly result: TrainingResult;
  /** Why a file of the run is not there; for the caller to throw when all else is written. */
  readonly unwritten?: HoneError;
}

/**
 * Trains, keeps the model of each finished epoch in `plan.folder`, and judges it on the test set. What cannot
 * be written, for want of room say, costs no training: it is tried again after the next epoch.
 * @throws as `session.steps`; Diverged also for what an epoch's last step ruined, which is not kept; Aborted
 * when interrupted, with `interrupt.lastWords` saying what is kept
 */
export async function runTraining(
  plan: TrainingPlan,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<TrainingOutcome> {
  const { model, device, optimizer, seed, epochs, batchSize, test, folder, run } = plan;
  const { signal } = interrupt;
  const { train, validation } = parts(plan);
  const classNames = classNamesOf(test);
  const header = headerOf(plan, train);
  const view = watchTraining(terminal, plan.modelName);
  view.stage("compiling");
  const pages = await openTrainingPages(plan);
  const { judging } = plan;
  const chosen = { ...judging, ...(optimizer && { optimizer }) };
  const resume = run?.resume;
  const session = await compile(model, { device, seed, ...chosen, ...(resume && { resume }) });
  try {
    for (const warning of session.warnings) terminal.say(`[hone] ${plan.modelName}: ${warning}`);
    const ended = resume?.training?.ended ?? [];
    const results: EpochResult[] = ended.map((record) => epochResult(record, undefined));
    const losses: number[] = [];
    const pageRun = (): TrainingPageRun => ({
      header,
      plan,
      validationRows: validation?.rows ?? 0,
      epochs: results,
      losses,
    });
    const keeper = new RunKeeper(terminal);
    const keepModel = async () => {
      await session.writeBack(model);
      const classOutput = labelledOutput(plan);
      const metadata = classNames && {
        metadata: { classNames, ...(classOutput !== undefined && { classOutput }) },
      };
      await folder?.keepModel((stem) => encodeModel(model, { stem, ...metadata }));
    };
    let images = ended.length * train.rows;
    const { schedule = "constant" } = plan;
    const learningRate = scheduleOf(schedule, session.optimizer.learningRate, epochs);
    const options = {
      epochs,
      batchSize,
      signal,
      ...(validation && { validation }),
      ...(learningRate && { learningRate }),
      ...(plan.augment && { augment: plan.augment }),
      ...(run && { checkpoints: { to: run.store, ...(run.everyMs && { everyMs: run.everyMs }) } }),
    };
    if (run) interrupt.lastWords = lastWords(plan, ended.length, 0);
    for await (const record of session.steps(train, options)) {
      if (record.kind === "progress") {
        if (losses.length === 0) terminal.say(...plan.firstLines);
        for (const loss of record.losses) losses.push(loss);
        view.step(record);
        continue;
      }
      if (record.kind === "moved") {
        terminal.say(`[hone] ${plan.modelName}: ${movedText(record)}`);
        continue;
      }
      images += train.rows;
      const { epoch, frozenFront } = record;
      if (frozenFront && results.length === 0) {
        terminal.say(`[hone] ${plan.modelName}: ${frontText(frozenFront)}`);
      }
      if (folder !== undefined || epoch === epochs) {
        await checkLastStep(session, train, epoch, { kept: keptText(plan, keeper.keptEpoch) });
      }
      if (folder !== undefined) await keeper.keep("model", keepModel, epoch);
      const judged = plan.evaluateEachEpoch ? await session.evaluate(test, { signal }) : undefined;
      results.push(epochResult(record, judged));
      const soFar = reportText(header, results, losses, undefined);
      await keeper.keep("report", async () => folder?.keepText("report.txt", soFar));
      interrupt.lastWords = lastWords(plan, epoch, keeper.keptEpoch);
      await keeper.keep("page", () => pages.epoch(pageRun()));
      view.epoch(record, judged ? testedText(judged) : "");
    }
    view.stage("testing");
    const evaluation = await session.evaluate(test, { signal });
    const { perClass } = evaluation;
    const outcome: TrainingResult = {
      model: plan.modelName,
      dataset: plan.datasetName,
      backend: session.device.info.backend,
      why: plan.why,
      seed,
      batchSize,
      schedule,
      augment: plan.augment ?? null,
      epochs: results,
      test: testResult(evaluation),
      imagesPerSecond: images / results.reduce((sum, { seconds }) => sum + seconds, 0),
      steps: session.step,
      device: session.device.info.description,
    };
    const names = classNames && { classNames };
    const report = reportText(header, results, losses, { outcome, ...names });
    const judged = evaluation.byOutput[labelledOutput(plan) ?? ""] ?? evaluation;
    const mistakes = findMistakes(test, judged);
    if (folder !== undefined && keeper.keptEpoch !== epochs) {
      await keeper.keep("model", keepModel, epochs);
    }
    await keeper.keep("report", async () => folder?.keepText("report.txt", report));
    await keeper.keep("page", () =>
      pages.end(pageRun(), { ...outcome, perClass, ...(mistakes && { mistakes }) }),
    );
    terminal.print(plan.verbose ? report : shortReport(header, outcome));
    const unwritten = unwrittenPart(plan, keeper);
    return { result: outcome, ...(unwritten && { unwritten }) };
  } finally {
    terminal.show("");
    session.close();
  }
}

function frontText({ layers, bytes, seconds }: NonNullable<EpochEnd["frozenFront"]>): string {
  return `${layers.length} layers that do not learn were computed once for each image, in ${seconds.toFixed(1)} seconds; their results take ${(bytes / 2 ** 20).toFixed(1)} MB.`;
}

function movedText({ from, to, step, reason }: Moved): string {
  return `it went on on ${to} after step ${step}, from ${from}: ${reason}.`;
}

/** The output that learns the labels, where the model has several. */
function labelledOutput({ model, judging }: TrainingPlan): string | undefined {
  if (model.outputs.length === 1 || typeof judging?.loss !== "object") return undefined;
  return Object.keys(judging.loss)[0];
}

/** Accuracies of a test in the middle of training; its loss where there are none. */
function testedText({ figures }: Evaluation): string {
  const shares = Object.entries(figures).filter(([name]) => isShare(name));
  const shown = shares.length > 0 ? shares : Object.entries(figures).slice(0, 1);
  return shown
    .map(([name, value]) => `  test ${figureLabel(name)} ${figureText(name, value)}`)
    .join("");
}

function parts({ train, validation }: TrainingPlan): { train: Dataset; validation?: Dataset } {
  return validation === 0 ? { train } : split(train, validation);
}

function headerOf(plan: TrainingPlan, train: Dataset): RunHeader {
  const { modelName, datasetName, device, why, optimizer, epochs, batchSize, seed, schedule } =
    plan;
  return {
    model: modelName,
    dataset: datasetName,
    train,
    device: `${device.info.backend}: ${device.info.description}`,
    why,
    settings: [
      epochs === 1 ? "1 epoch" : `${epochs} epochs`,
      `batch size ${batchSize}`,
      optimizer ? `${optimizer.kind} at ${optimizer.learningRate}` : "the model's own optimizer",
      ...(schedule === undefined || schedule === "constant" ? [] : [`${schedule} schedule`]),
      ...(plan.augment ? [`augmentation ${augmentText(plan.augment)}`] : []),
      `seed ${seed}`,
      ...(plan.validation > 0 ? [`validation ${plan.validation}`] : []),
    ].join(", "),
  };
}

/** @param kept the last epoch whose model was written; 0 for none */
function lastWords(plan: TrainingPlan, epoch: number, kept: number): string {
  const { modelName, epochs, folder, report, run } = plan;
  const nothing = `${report === undefined ? "Nothing was written" : `The report so far is in ${report}`}: --out DIR keeps the model of each epoch.`;
  const what =
    folder !== undefined && kept === epoch
      ? `The model of that epoch is in ${folder.path}.`
      : (keptText(plan, kept) ?? nothing);
  const onwards = run === undefined ? "" : ` hone train --resume ${run.folder} goes on.`;
  return `[hone] ${modelName}: interrupted after epoch ${epoch} of ${epochs}. ${what}${onwards}`;
}

/** At the end: which file is missing, and of what epoch the model is that is there instead. */
function unwrittenPart(
  { folder, epochs }: TrainingPlan,
  { fault, keptEpoch }: RunKeeper,
): HoneError | undefined {
  if (fault === undefined || folder === undefined || keptEpoch === epochs) return fault;
  const there = keptEpoch === 0 ? "no model is" : `the model of epoch ${keptEpoch} is`;
  const reason = fault.message.replace(/^\[hone\] /, "");
  const what = `${there} in it, and not that of epoch ${epochs}, whose results these are: ${reason}`;
  return new HoneError("BadArgument", folder.path, what, { cause: fault });
}

function keptText({ folder }: TrainingPlan, kept: number): string | undefined {
  if (folder === undefined) return undefined;
  if (kept === 0) return "No model was written";
  return `The model of epoch ${kept} is in ${folder.path}`;
}
