/** Training on a data set: epochs, their validation, early stopping. */
import { HoneError } from "../errors.js";
import { slotNames } from "../graph/apply-optimizer.js";
import { type Augment, checkAugment, imageShape } from "../graph/augment.js";
import type { TracedModel } from "../graph/template.js";
import { figureColumns } from "../graph/terms.js";
import { checkAborted } from "./abort.js";
import { ChunkSize } from "./chunk-size.js";
import { planClassWeights, planData } from "./data-plan.js";
import { type Dataset, soleInput } from "./dataset.js";
import { StoppingRule } from "./early-stopping.js";
import { evaluate, prepareEvaluation } from "./evaluate.js";
import { FigureSums } from "./figure-sums.js";
import type { TrainOptions } from "./fit-options.js";
import type { EpochEnd, Figures, TrainingRecord } from "./records.js";
import { checkedSchedule, type RateFunction } from "./schedule.js";
import type { TrainingSetup } from "./setup.js";
import { Snapshots } from "./snapshots.js";
import { StepEntries } from "./step-entries.js";
import { type EpochContext, LONGEST_CHUNK, type TrainingParts, trainEpoch } from "./train-epoch.js";
import { splitValidation } from "./validation.js";
import { wholeNumber } from "./whole-number.js";

export const DEFAULT_PROGRESS_MS = 150;

/** What a data set is trained or judged with; the model's extents may follow from the data. */
export type PartsFor = (dataset: Dataset) => Promise<TrainingParts>;

/**
 * Trains, telling what happens. Breaking out of the iteration ends training after the steps enqueued.
 * @throws BadArgument, BadData, ShapeMismatch, LacksOp, OutOfMemory before anything runs; Diverged (NaN or
 * Inf, with the step named; weights are then those of the last finite snapshot); Aborted; DeviceLost
 */
export async function* train(
  partsFor: PartsFor,
  dataset: Dataset,
  options: TrainOptions,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const parts = await partsFor(dataset);
  const { engine, model, setup, state } = parts;
  const epochs = wholeNumber("epochs", options.epochs ?? 10);
  const batchSize = wholeNumber("batchSize", options.batchSize ?? 64);
  const { training, validation } = splitValidation(dataset, options.validation);
  const data = planData(model, setup.terms, training);
  const classWeights = planClassWeights(options.classWeight, setup.terms, data, training);
  const augment = checkedAugment(model, training, options.augment);
  checkAborted(options.signal);
  ratesOf(setup, options.learningRate);
  const stopping = stoppingRule(setup, options, validation !== undefined);
  const { rows } = training;
  const { accumulate } = options;
  const steps = { model, setup, data, rows, batchSize, classWeights, augment, accumulate };
  const judged = validation && { data: validation, parts: await partsFor(validation) };
  if (judged) await prepareEvaluation(judged.parts, judged.data);
  const entries = await StepEntries.prepare(engine, steps);
  const held = await engine.hold(training, { entries: entries.all });
  try {
    const snapshots = new Snapshots(engine, slotNames(setup.optimizer));
    await snapshots.take(state.step);
    const chunks = new ChunkSize(options.progressMs ?? DEFAULT_PROGRESS_MS, LONGEST_CHUNK);
    const { signal } = options;
    const common = { ...parts, entries, held, snapshots, chunks, signal, epochs };
    yield* trainEpochs(common, options, judged, stopping);
  } finally {
    held.release();
  }
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

async function* trainEpochs(
  first: Omit<EpochContext, "epoch" | "trainedMs" | "sums">,
  options: TrainOptions,
  judged: { readonly data: Dataset; readonly parts: TrainingParts } | undefined,
  stopping: StoppingRule | undefined,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const { setup, state, entries, snapshots, signal, epochs } = first;
  const firstStep = state.step;
  const rateOf = ratesOf(setup, options.learningRate);
  let trainedMs = 0;

  for (let epoch = 1; epoch <= epochs; epoch++) {
    entries.begin({
      epoch: state.epochs++,
      firstStep: state.step,
      shuffle: options.shuffle ?? true,
      learningRate: (step) => checkedRate(rateOf(step - firstStep, entries.steps), step),
    });
    snapshots.beginEpoch();
    const sums = new FigureSums(figureColumns(setup.terms));
    let end = yield* trainEpoch({ ...first, epoch, trainedMs, sums });
    trainedMs += end.seconds * 1000;
    if (judged) {
      const checked = await evaluate(judged.parts, judged.data, signal ? { signal } : {});
      end = withValidation(end, checked.figures);
    }
    const verdict = stopping?.observe(end);
    if (stopping && verdict?.best) await snapshots.keepBest(stopping.keeps);
    if (stopping && verdict && !verdict.best && (verdict.stop || epoch === epochs)) {
      snapshots.restoreBest();
    }
    if (stopping && verdict?.stop) {
      const reason = `${stopping.monitor} has not improved since epoch ${stopping.bestEpoch}`;
      yield { ...end, stopped: { reason, bestEpoch: stopping.bestEpoch } };
      return;
    }
    yield end;
  }
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
