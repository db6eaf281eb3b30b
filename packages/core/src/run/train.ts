/**
 * The training loop: enqueue a chunk of steps, read the ring of figures, tell, repeat.
 *
 * It is driven by the device's replies, never by timers. One chunk is always enqueued ahead of the one
 * being read, so that the device does not wait for the host.
 */
import { HoneError } from "../errors.js";
import { slotNames } from "../graph/apply-optimizer.js";
import { type Augment, checkAugment, imageShape } from "../graph/augment.js";
import type { Optimizer } from "../graph/optimizer.js";
import { type LossSpec, METRICS_COLUMNS, METRICS_RING } from "../graph/steps.js";
import { checkAborted } from "./abort.js";
import { ChunkSize } from "./chunk-size.js";
import { type Dataset, split, validateDataset } from "./dataset.js";
import { type EarlyStopping, StoppingRule } from "./early-stopping.js";
import type { Engine, HeldData } from "./engine.js";
import { checkData, evaluate, prepareEvaluation } from "./evaluate.js";
import type { EpochEnd, Progress, TrainingRecord } from "./records.js";
import { checkedSchedule, type RateFunction, type Schedule } from "./schedule.js";
import { type Snapshot, Snapshots } from "./snapshots.js";
import { StepEntries } from "./step-entries.js";
import { wholeNumber } from "./whole-number.js";

export interface TrainOptions {
  readonly epochs?: number;
  readonly batchSize?: number;
  /** A fraction of the data (its last part, as in tfjs; 0 means none), or a data set. */
  readonly validation?: number | Dataset;
  readonly signal?: AbortSignal;
  /** Draw a new order every epoch; true unless said otherwise. */
  readonly shuffle?: boolean;
  /**
   * A rate, a schedule, or a function that gives the rate of a step (from 0, over all epochs of `epochs`); the
   * optimizer's own unless given.
   */
  readonly learningRate?: number | Schedule | RateFunction;
  readonly earlyStopping?: EarlyStopping | boolean;
  /**
   * Changes the training images anew in every step, on the device, the same way on every backend;
   * validation sees them as they are. None unless given.
   */
  readonly augment?: Partial<Augment>;
  /** Milliseconds between two progress records, about. */
  readonly progressMs?: number;
}

export interface TrainingSetup extends LossSpec {
  readonly optimizer: Optimizer;
  readonly seed: number;
}

/** Where training stands; a session keeps it between two calls of `steps`. */
export interface TrainingState {
  /** Steps taken since the session began. */
  step: number;
  /** Epochs begun since the session began; each has an order of its own. */
  epochs: number;
}

const DEFAULT_PROGRESS_MS = 150;
/** Two chunks of this size fit into the ring with room to spare. */
const LONGEST_CHUNK = METRICS_RING / 4;

/** What the training of one epoch needs. */
interface EpochContext {
  readonly engine: Engine;
  readonly setup: TrainingSetup;
  readonly state: TrainingState;
  readonly entries: StepEntries;
  readonly data: HeldData;
  readonly snapshots: Snapshots;
  readonly chunks: ChunkSize;
  readonly signal: AbortSignal | undefined;
  readonly epoch: number;
  readonly epochs: number;
  /** Milliseconds that the epochs before took. */
  readonly trainedMs: number;
}

interface Chunk {
  readonly count: number;
  readonly reply: Promise<{ values: Float32Array; snapshot?: Snapshot }>;
}

/**
 * Trains, telling what happens. Breaking out of the iteration ends training after the steps enqueued.
 * @throws BadArgument, BadData, ShapeMismatch before anything runs; Diverged (NaN or Inf, with the
 * step named; weights are then those of the last finite snapshot); Aborted; DeviceLost
 */
export async function* train(
  engine: Engine,
  setup: TrainingSetup,
  state: TrainingState,
  dataset: Dataset,
  options: TrainOptions,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const epochs = wholeNumber("epochs", options.epochs ?? 10);
  const batchSize = wholeNumber("batchSize", options.batchSize ?? 64);
  const { training, validation } = splitValidation(dataset, options.validation);
  checkData(engine, setup, training);
  if (validation) checkData(engine, setup, validation);
  const augment = checkedAugment(engine, training, options.augment);
  checkAborted(options.signal);
  const stopping = options.earlyStopping
    ? new StoppingRule(options.earlyStopping === true ? {} : options.earlyStopping, {
        validation: validation !== undefined,
        accuracy: setup.accuracy !== undefined,
      })
    : undefined;
  const entries = await StepEntries.prepare(engine, setup, training, { batchSize, augment });
  if (validation) await prepareEvaluation(engine, setup, validation);
  const data = await engine.hold(training);
  try {
    const snapshots = new Snapshots(engine, slotNames(setup.optimizer));
    await snapshots.take(state.step);
    const chunks = new ChunkSize(options.progressMs ?? DEFAULT_PROGRESS_MS, LONGEST_CHUNK);
    const { signal } = options;
    const common = { engine, setup, state, entries, data, snapshots, chunks, signal, epochs };
    yield* trainEpochs({ ...common, epoch: 1, trainedMs: 0 }, options, validation, stopping);
  } finally {
    data.release();
  }
}

async function* trainEpochs(
  first: EpochContext,
  options: TrainOptions,
  validation: Dataset | undefined,
  stopping: StoppingRule | undefined,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const { engine, setup, state, entries, snapshots, signal, epochs } = first;
  const firstStep = state.step;
  const scheduled = checkedSchedule(options.learningRate ?? setup.optimizer.learningRate);
  let trainedMs = 0;

  for (let epoch = 1; epoch <= epochs; epoch++) {
    entries.begin({
      epoch: state.epochs++,
      firstStep: state.step,
      shuffle: options.shuffle ?? true,
      learningRate: (step) => checkedRate(scheduled(step - firstStep, entries.steps), step),
    });
    let end = yield* trainEpoch({ ...first, epoch, trainedMs });
    trainedMs += end.seconds * 1000;
    if (validation) {
      const checked = await evaluate(engine, setup, validation, signal ? { signal } : {});
      end = { ...end, validationLoss: checked.loss, validationAccuracy: checked.accuracy };
    }
    const verdict = stopping?.observe(end);
    if (verdict?.best) await snapshots.keepBest();
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

async function* trainEpoch(context: EpochContext): AsyncGenerator<Progress, EpochEnd, undefined> {
  const { setup, state, entries, data, snapshots, chunks, epoch, epochs } = context;
  const { rows, steps, batchSize } = entries;
  const firstStep = state.step;
  // Moves on by what the caller's pauses cost, so that it stands for training alone.
  let beganMs = performance.now();
  const pending: Chunk[] = [];
  let enqueued = 0;
  let read = 0;
  let lossSum = 0;
  let correct = 0;
  let lastMs = beganMs;
  const accuracy = (seen: number) =>
    setup.accuracy ? correct / (seen * judgedPerRow(context)) : Number.NaN;

  while (read < steps) {
    if (context.signal?.aborted) await settle(pending);
    checkAborted(context.signal);
    while (pending.length < 2 && enqueued < steps) {
      const count = entries.enqueue(data, firstStep, enqueued, chunks.next);
      enqueued += count;
      state.step = firstStep + enqueued;
      const reply = snapshots.read("metrics", state.step, enqueued === steps);
      reply.catch(() => undefined);
      pending.push({ count, reply });
    }
    const { count, reply } = pending.shift() as Chunk;
    const { values, snapshot } = await reply;
    const losses = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      const step = firstStep + read + index;
      const at = (step % METRICS_RING) * METRICS_COLUMNS;
      const [loss, right, norm] = values.subarray(at, at + METRICS_COLUMNS) as unknown as number[];
      if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
        await settle(pending);
        // A finite step before this one speaks for the snapshot it started from.
        if (index > 0) snapshots.accept(undefined);
        snapshots.restore();
        // The slots are those of that step too, and Adam's corrections must be.
        state.step = snapshots.step;
        throw diverged(step, epoch, loss as number, norm as number, snapshots.step);
      }
      losses[index] = loss as number;
      lossSum += (loss as number) * entries.rowsOf(read + index);
      correct += right as number;
    }
    snapshots.accept(snapshot);
    read += count;
    const nowMs = performance.now();
    chunks.observe(count, nowMs - lastMs);
    lastMs = nowMs;
    const seen = Math.min(read * batchSize, rows);
    const spentMs = nowMs - beganMs;
    const left = epochs * rows - ((epoch - 1) * rows + seen);
    const enqueuedMs = (spentMs / read) * (enqueued - read);
    yield {
      kind: "progress",
      epoch,
      epochs,
      step: read,
      steps,
      losses,
      accuracy: accuracy(seen),
      imagesPerSecond: (seen / spentMs) * 1000,
      secondsLeft: (left * ((context.trainedMs + spentMs) / ((epoch - 1) * rows + seen))) / 1000,
    };
    // While the caller pauses, the device goes on with what is enqueued; then it waits.
    const idleMs = Math.max(0, performance.now() - nowMs - enqueuedMs);
    beganMs += idleMs;
    lastMs += idleMs;
  }
  const elapsedMs = performance.now() - beganMs;
  return {
    kind: "epoch-end",
    epoch,
    epochs,
    loss: lossSum / rows,
    accuracy: accuracy(rows),
    seconds: elapsedMs / 1000,
    imagesPerSecond: (rows / elapsedMs) * 1000,
  };
}

/** Waits for what is enqueued; its outcome no longer matters. */
async function settle(pending: readonly Chunk[]): Promise<void> {
  await Promise.allSettled(pending.map(({ reply }) => reply));
}

/** Binary outputs are judged element by element, all others row by row. */
function judgedPerRow({ setup, engine }: EpochContext): number {
  const { outputShape } = engine.model;
  const counted = setup.accuracy === "binary" ? outputShape : outputShape.slice(0, -1);
  return counted.reduce((product, extent) => product * extent, 1);
}

function diverged(
  step: number,
  epoch: number,
  loss: number,
  norm: number,
  good: number,
): HoneError {
  const what = Number.isFinite(loss) ? `the gradient's norm is ${norm}` : `the loss is ${loss}`;
  return new HoneError(
    "Diverged",
    `step ${step + 1}`,
    `${what} in epoch ${epoch}. The weights are those after ${good} ${good === 1 ? "step" : "steps"}; try a smaller learning rate or clipNorm.`,
  );
}

function checkedRate(rate: number, step: number): number {
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new HoneError(
    "BadArgument",
    "learningRate",
    `it gave ${rate} for step ${step}. Give a finite number.`,
  );
}

function checkedAugment(
  { model }: Engine,
  { columns }: Dataset,
  given: TrainOptions["augment"],
): Augment | undefined {
  if (given === undefined) return undefined;
  const augment = { shift: given.shift ?? 0, flip: given.flip ?? false };
  checkAugment(augment, imageShape(columns.x.shape, model.inputShape));
  return augment;
}

function splitValidation(
  dataset: Dataset,
  validation: TrainOptions["validation"],
): { training: Dataset; validation?: Dataset } {
  if (validation === undefined || validation === 0) return { training: dataset };
  if (typeof validation !== "number") return { training: dataset, validation };
  validateDataset(dataset);
  const parts = split(dataset, validation);
  return { training: parts.train, validation: parts.validation };
}
