/** Training on a data set: epochs, their validation, early stopping. */

import { checkAborted } from "../abort.js";
import { HoneError } from "../errors.js";
import { type Augment, checkAugment, imageShape } from "../graph/augment.js";
import type { TracedModel } from "../graph/template.js";
import { figureColumns } from "../graph/terms.js";
import { ChunkSize } from "./chunk-size.js";
import { contentOf } from "./content.js";
import { planClassWeights, planData } from "./data-plan.js";
import { type Dataset, soleInput } from "./dataset.js";
import { StoppingRule } from "./early-stopping.js";
import type { Engine } from "./engine.js";
import { type Evaluation, prepareEvaluation } from "./evaluate.js";
import { FigureSums } from "./figure-sums.js";
import type { TrainOptions } from "./fit-options.js";
import type { EpochEnd, Figures, Moved, TrainingRecord } from "./records.js";
import { checkedSchedule, type RateFunction } from "./schedule.js";
import type { TrainingSetup } from "./setup.js";
import type { StateTensors } from "./snapshots.js";
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
  optionsToGoOn,
  type RunMark,
  type RunOptions,
  type TrainedOn,
  TrainingRun,
  withoutSlots,
} from "./training-run.js";
import { splitValidation } from "./validation.js";
import { wholeNumber } from "./whole-number.js";

export const DEFAULT_PROGRESS_MS = 150;

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
  const options = resumed ? optionsToGoOn(resumed.options, given) : runOptions(given);
  const { model, setup } = await context.partsFor(dataset);
  const { training, validation } = splitValidation(dataset, options.validation);
  const data = planData(model, setup.terms, training);
  const classWeights = planClassWeights(options.classWeight, setup.terms, data, training);
  const augment = checkedAugment(model, training, options.augment);
  checkAborted(signal);
  const on = trainedOn(training, validation, options);
  if (resumed) checkSame(resumed.on, on);
  const run = new TrainingRun(
    { firstStep: context.counts.step, ...resumed, options, on },
    {
      columns: figureColumns(setup.terms),
      stopping: stoppingRule(setup, options, validation !== undefined),
    },
  );
  const rate = ratesOf(setup, options.learningRate);
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
    const held = await engine.hold(training, { entries: entries.all });
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
    if (validation) await prepareEvaluation(await context.partsFor(validation), validation);
    const { engine } = await bind();
    const tensors = await engine.readState();
    context.follow(run);
    context.snapshots.reset({ tensors, mark: { ...context.counts, run: run.mark() } });
  };
  try {
    // Everything that may be refused is, before anything is told.
    yield* recovering(context, begin);
    yield* recovering(context, () => epochs(context, pass, validation));
  } finally {
    binding?.held.release();
  }
}

/** Does it, and again on another device where the first gives up, telling of each move. @throws what no device survives */
export async function* recovering<Told>(
  context: TrainingContext,
  task: () => Promise<void> | AsyncGenerator<Told, void, undefined>,
): AsyncGenerator<Told | Moved, void, undefined> {
  for (;;) {
    try {
      const doing = task();
      if (doing instanceof Promise) await doing;
      else yield* doing;
      return;
    } catch (error) {
      yield await context.recover(error);
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

/** Options with what they are unless given. @throws BadArgument */
export function runOptions(given: TrainOptions): RunOptions {
  return {
    ...decidingOptions(given),
    epochs: wholeNumber("epochs", given.epochs ?? 10),
    batchSize: wholeNumber("batchSize", given.batchSize ?? 64),
    shuffle: given.shuffle ?? true,
  };
}

/** @throws BadArgument for a figure that this training never tells */
export function stoppingRule(
  { terms }: TrainingSetup,
  { earlyStopping }: TrainOptions,
  validation: boolean,
): StoppingRule | undefined {
  if (!earlyStopping) return undefined;
  const options = earlyStopping === true ? {} : earlyStopping;
  return new StoppingRule(options, { validation, terms });
}

/** A learning rate for each step, as it was given. @throws BadArgument for what gives none */
export function ratesOf(
  { optimizer }: TrainingSetup,
  learningRate: TrainOptions["learningRate"],
): RateFunction {
  return checkedSchedule(learningRate ?? optimizer.learningRate);
}

async function* epochs(
  context: TrainingContext,
  pass: PassContext,
  validation: Dataset | undefined,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const { run, signal } = pass;
  while (!isOver(run)) {
    if (run.pass === undefined) beginEpoch(context, run);
    const { rows } = yield* trainPass(pass);
    let end = endOf(run, rows);
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
export function endOf(run: TrainingRun, rows: number): EpochEnd {
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

function trainedOn(
  training: Dataset,
  validation: Dataset | undefined,
  options: RunOptions,
): TrainedOn {
  const isGiven = typeof options.validation === "object" && validation !== undefined;
  return {
    kind: "dataset",
    rows: training.rows,
    content: contentOf(training),
    ...(isGiven && { validation: { rows: validation.rows, content: contentOf(validation) } }),
  };
}

/** @throws BadData where a training would go on with other data than it began with; BadArgument for missing validation */
export function checkSame(began: TrainedOn, now: TrainedOn): void {
  if (began.kind !== now.kind) {
    const what = `the training to go on with was on a ${began.kind === "stream" ? "stream" : "data set"}. Give what it began with, or \`resume: false\` for a new training.`;
    throw new HoneError("BadData", "resume", what);
  }
  if (began.validation && !now.validation) {
    const what = "the training to go on with was validated on a data set. Give it again.";
    throw new HoneError("BadArgument", "validation", what);
  }
  for (const [what, before, after] of [
    ["data set", began, now],
    ["validation data set", began.validation, now.validation],
  ] as const) {
    if (before?.rows === after?.rows && before?.content === after?.content) continue;
    const text = `the ${what} (${after?.rows} rows) is not the one the training began with (${before?.rows} rows, other content). Give that one, or \`resume: false\` for a new training.`;
    throw new HoneError("BadData", "resume", text);
  }
}

function checkedAugment(
  { inputs }: TracedModel,
  dataset: Dataset,
  given: TrainOptions["augment"],
): Augment | undefined {
  if (given === undefined) return undefined;
  const augment = { shift: given.shift ?? 0, flip: given.flip ?? false };
  const [input, ...more] = inputs;
  if (!input || more.length > 0) {
    const what = `the model has ${inputs.length} inputs, and only one can be changed. Train without \`augment\`.`;
    throw new HoneError("BadArgument", "augment", what);
  }
  checkAugment(augment, imageShape(soleInput(dataset, "augment").shape, input.shape));
  return augment;
}
