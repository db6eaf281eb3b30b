/** Training on a data set: epochs, their validation, early stopping. */

import { checkAborted, untilAborted } from "../abort.js";
import { HoneError } from "../errors.js";
import type { DataSpec } from "../graph/feeds.js";
import { figureColumns, type Term } from "../graph/terms.js";
import type { StateTensors } from "./checkpoint-tensors.js";
import { ChunkSize } from "./chunk-size.js";
import { contentInTurns } from "./content.js";
import { planData } from "./data-plan.js";
import type { Dataset } from "./dataset.js";
import type { StoppingRule } from "./early-stopping.js";
import type { Engine } from "./engine.js";
import type { Evaluation } from "./evaluate.js";
import { FigureSums } from "./figure-sums.js";
import type { TrainOptions } from "./fit-options.js";
import { rateFunction } from "./rates.js";
import type { EpochEnd, Figures, Moved, TrainingRecord } from "./records.js";
import { hold } from "./resident-sets.js";
import type { TrainingSetup } from "./setup.js";
import { StepEntries } from "./step-entries.js";
import {
  type Binding,
  LONGEST_CHUNK,
  type PassContext,
  type TrainingParts,
  trainPass,
} from "./train-pass.js";
import {
  decidingOptions,
  isOver,
  type RunMark,
  type RunOptions,
  type TrainedOn,
  TrainingRun,
  withoutSlots,
} from "./training-run.js";
import { wholeNumber } from "./whole-number.js";

export const DEFAULT_PROGRESS_MS = 150;

/** What only some options, or a set to validate on, ask for. */
const extras = () => import("./fit-extras.js");

/** What a training needs of its session, which may move from one device to another meanwhile. */
export interface TrainingContext
  extends Pick<PassContext, "counts" | "isCurrent" | "pause" | "snapshots" | "wantsPause"> {
  readonly setup: TrainingSetup;
  /** Where the session is now, the weights with it. */
  engine(): Promise<Engine>;
  /** What a data set is trained or judged with where the session is now; the model's extents may follow from the data. */
  partsFor(dataset: Dataset, options?: { readonly isValid?: boolean }): Promise<TrainingParts>;
  /** Tells the session of the training that begins, and, given nothing, that it is over. */
  follow(run: TrainingRun | undefined): void;
  evaluate(dataset: Dataset, signal: AbortSignal | undefined): Promise<Evaluation>;
  /** Puts the session back to where it can go on, the run with it. @throws what there is no going on from */
  recover(error: unknown): Promise<Moved>;
  /** Replaces the weights of the session. */
  setWeights(weights: StateTensors): void;
}

/**
 * Trains, telling what happens. Breaking out of the iteration ends training after the steps enqueued.
 * @param resumed where another training, of this session or of a checkpoint, has stopped
 * @throws BadArgument, BadData, ShapeMismatch, LacksOp, OutOfMemory before anything runs; Diverged (NaN or
 * Inf, with the step named; weights are then those of the last finite snapshot); Aborted; DeviceLost
 */
export async function* train(
  context: TrainingContext,
  dataset: Dataset,
  given: TrainOptions,
  resumed: RunMark | undefined,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const { signal } = given;
  const options = await runOptions(given, resumed);
  const { model, setup } = await context.partsFor(dataset);
  const { training, validation } = options.validation
    ? (await extras()).splitValidation(dataset, options.validation)
    : { training: dataset };
  const data = planData(model, setup.terms, training);
  const classWeights = await classWeightsOf(options, setup.terms, data, training);
  const augment =
    options.augment && (await extras()).checkedAugment(model, training, options.augment);
  checkAborted(signal);
  const on = await trainedOn(training, validation, options);
  if (resumed) (await extras()).checkSame(resumed.on, on);
  const run = new TrainingRun(
    { firstStep: context.counts.step, ...resumed, options, on },
    {
      columns: figureColumns(setup.terms),
      stopping: await stoppingRule(setup, options, validation !== undefined),
    },
  );
  const rate = await rateFunction(options.learningRate ?? setup.optimizer.learningRate);
  const { rows } = training;
  const { accumulate, batchSize } = options;
  const chunks = new ChunkSize(given.progressMs ?? DEFAULT_PROGRESS_MS, LONGEST_CHUNK);
  let binding: Binding | undefined;
  const bind = async (): Promise<Binding> => {
    const engine = await context.engine();
    if (binding?.engine === engine) return binding;
    binding?.held.release();
    binding = undefined;
    const steps = { model, setup, data, rows, batchSize, classWeights, augment, accumulate };
    const entries = await StepEntries.prepare(engine, steps);
    const held = await hold(engine, training, { entries: entries.all, signal });
    binding = { engine, entries, held };
    return binding;
  };
  const pass: PassContext = {
    run,
    signal,
    chunks,
    ...contextOfPass(context),
    isEpoch: true,
    bind,
    begin: ({ entries }, { order, firstStep }) =>
      entries.begin({
        epoch: order,
        firstStep,
        shuffle: options.shuffle,
        learningRate: (step) => checkedRate(rate(step - run.firstStep, entries.steps), step),
      }),
  };
  const begin = async () => {
    if (validation) {
      const { prepareEvaluation } = await extras();
      await prepareEvaluation(await context.partsFor(validation), validation);
    }
    const { engine } = await bind();
    const tensors = await engine.readState();
    context.follow(run);
    context.snapshots.reset({ tensors, mark: { ...context.counts, run: run.mark() } });
  };
  try {
    // Everything that may be refused is, before anything is told.
    yield* recovering(context, signal, begin);
    yield* recovering(context, signal, () => epochs(context, pass, validation));
  } finally {
    binding?.held.release();
  }
}

/** Does it, and again on another device where the first gives up, telling of each move. @throws what no device survives */
export async function* recovering<Told>(
  context: TrainingContext,
  signal: AbortSignal | undefined,
  task: () => Promise<void> | AsyncGenerator<Told, void, undefined>,
): AsyncGenerator<Told | Moved, void, undefined> {
  for (;;) {
    try {
      const doing = task();
      if (doing instanceof Promise) await doing;
      else yield* doing;
      return;
    } catch (error) {
      // Another device may take long to open, and to be tried.
      yield await untilAborted(context.recover(error), signal, "training");
    }
  }
}

/** What a pass takes from its training's context as it is. */
export function contextOfPass(context: TrainingContext) {
  const { counts, snapshots } = context;
  return {
    counts,
    snapshots,
    isCurrent: () => context.isCurrent(),
    wantsPause: () => context.wantsPause(),
    pause: () => context.pause(),
  };
}

/** Options with what they are unless given. @param resumed the training to go on with @throws BadArgument */
export async function runOptions(
  given: TrainOptions,
  resumed: RunMark | undefined,
): Promise<RunOptions> {
  if (resumed) return (await extras()).optionsToGoOn(resumed.options, given);
  return {
    ...decidingOptions(given),
    epochs: wholeNumber("epochs", given.epochs ?? 10),
    batchSize: wholeNumber("batchSize", given.batchSize ?? 64),
    shuffle: given.shuffle ?? true,
  };
}

/** @throws BadArgument for a figure that this training never tells */
export async function stoppingRule(
  { terms }: TrainingSetup,
  { earlyStopping }: TrainOptions,
  validation: boolean,
): Promise<StoppingRule | undefined> {
  if (!earlyStopping) return undefined;
  const options = earlyStopping === true ? {} : earlyStopping;
  return new (await extras()).StoppingRule(options, { validation, terms });
}

/** Weights of the classes, by output. @throws BadArgument */
export async function classWeightsOf(
  { classWeight }: { readonly classWeight?: TrainOptions["classWeight"] | undefined },
  terms: readonly Term[],
  data: DataSpec,
  dataset: Dataset,
): Promise<Readonly<Record<string, readonly number[]>> | undefined> {
  if (classWeight === undefined || classWeight === null) return undefined;
  return (await extras()).planClassWeights(classWeight, terms, data, dataset);
}

async function* epochs(
  context: TrainingContext,
  pass: PassContext,
  validation: Dataset | undefined,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const { run, signal } = pass;
  while (!isOver(run)) {
    if (run.pass === undefined) beginEpoch(context, run);
    const entries = yield* trainPass(pass);
    let end = endOf(run, entries.rows, await entries.threadsTaken());
    if (validation) {
      end = withValidation(end, (await context.evaluate(validation, signal)).figures);
    }
    yield judged(context, run, end);
  }
}

/** An epoch begins from the state of the newest snapshot, which the end of a pass always makes. */
export function beginEpoch({ counts, snapshots }: TrainingContext, run: TrainingRun): void {
  if (run.before.passes === 0) {
    const { tensors } = snapshots.newest;
    run.start = run.stopping?.keeps === "start" ? withoutSlots(tensors) : undefined;
    run.sums = new FigureSums(run.columns);
    run.epochMs = 0;
  }
  run.pass = { order: counts.epochs++, firstStep: counts.step, step: 0 };
  snapshots.remark({ ...counts, run: run.mark() });
}

/** What an epoch was. */
export function endOf(run: TrainingRun, rows: number, threads: number | undefined): EpochEnd {
  const figures = run.sums?.result() ?? {};
  return {
    kind: "epoch-end",
    epoch: run.epoch,
    epochs: run.options.epochs,
    figures,
    loss: figures.loss as number,
    accuracy: figures.acc ?? Number.NaN,
    rows,
    seconds: run.epochMs / 1000,
    imagesPerSecond: (rows / run.epochMs) * 1000,
    ...(threads !== undefined && { threads }),
  };
}

/** Early stopping's word on an epoch; then the next one is due. @returns the record to tell */
export function judged(context: TrainingContext, run: TrainingRun, end: EpochEnd): EpochEnd {
  const { counts, snapshots } = context;
  const { stopping } = run;
  const verdict = stopping?.observe(end);
  let record = end;
  if (stopping && verdict?.best) {
    const { tensors } = snapshots.newest;
    run.best = stopping.keeps === "start" ? run.start : withoutSlots(tensors);
  }
  const isLast = verdict?.stop === true || run.epoch === run.options.epochs;
  if (stopping && verdict && !verdict.best && isLast && run.best) context.setWeights(run.best);
  if (stopping && verdict?.stop) {
    const { monitor, bestEpoch } = stopping;
    const reason = `${monitor} has not improved since epoch ${bestEpoch}`;
    record = { ...end, stopped: { reason, bestEpoch } };
  }
  run.ended = [...run.ended, record];
  run.epoch++;
  run.pass = undefined;
  run.sums = undefined;
  run.before = { steps: 0, rows: 0, passes: 0, allPasses: run.before.allPasses };
  // Its figures stay with the state: who has them to fetch yet goes on from here, with nothing left to do.
  snapshots.remark({ ...counts, run: run.mark() });
  if (isLast) context.follow(undefined);
  return record;
}

export function withValidation(end: EpochEnd, found: Figures): EpochEnd {
  const named = Object.entries(found).map(([name, value]) => [`val_${name}`, value] as const);
  return {
    ...end,
    figures: { ...end.figures, ...Object.fromEntries(named) },
    validationLoss: found.loss as number,
    validationAccuracy: found.acc ?? Number.NaN,
  };
}

export function checkedRate(rate: number, step: number): number {
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new HoneError(
    "BadArgument",
    "learningRate",
    `it gave ${rate} for step ${step}. Give a finite number.`,
  );
}

async function trainedOn(
  training: Dataset,
  validation: Dataset | undefined,
  options: RunOptions,
): Promise<TrainedOn> {
  const isGiven = typeof options.validation === "object" && validation !== undefined;
  return {
    kind: "dataset",
    rows: training.rows,
    content: await contentInTurns(training),
    ...(isGiven && {
      validation: { rows: validation.rows, content: await contentInTurns(validation) },
    }),
  };
}
