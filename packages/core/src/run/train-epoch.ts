/**
 * One pass over a data set on the device: enqueue a chunk of steps, read the ring of figures, tell, repeat.
 *
 * It is driven by the device's replies, never by timers. One chunk is always enqueued ahead of the one
 * being read, so that the device does not wait for the host.
 */
import { HoneError } from "../errors.js";
import { METRICS_RING } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";
import type { TypedArray } from "../typed-array.js";
import { checkAborted } from "./abort.js";
import type { ChunkSize } from "./chunk-size.js";
import type { Engine, HeldData } from "./engine.js";
import type { FigureSums } from "./figure-sums.js";
import type { EpochEnd, Progress } from "./records.js";
import type { TrainingSetup } from "./setup.js";
import type { Snapshot, Snapshots } from "./snapshots.js";
import type { StepEntries } from "./step-entries.js";

/** Two chunks of this size fit into the ring with room to spare. */
export const LONGEST_CHUNK = METRICS_RING / 4;

/** Where training stands; a session keeps it between two calls of `steps`. */
export interface TrainingState {
  /** Steps taken since the session began. */
  step: number;
  /** Epochs begun since the session began; each has an order of its own. */
  epochs: number;
}

/** What is trained, and by what. */
export interface TrainingParts {
  readonly engine: Engine;
  readonly model: TracedModel;
  readonly setup: TrainingSetup;
  readonly state: TrainingState;
}

/** What the training of one epoch needs. */
export interface EpochContext extends TrainingParts {
  readonly entries: StepEntries;
  readonly held: HeldData;
  readonly snapshots: Snapshots;
  readonly chunks: ChunkSize;
  readonly signal: AbortSignal | undefined;
  readonly epoch: number;
  readonly epochs: number;
  /** Milliseconds that the epochs before took. */
  readonly trainedMs: number;
  /** Figures of the epoch so far; this pass adds its own. */
  readonly sums: FigureSums;
  /** Where a stream's epoch is when this pass, which is not all of it, begins. */
  readonly before?: { readonly steps: number; readonly rows: number };
}

interface Chunk {
  readonly count: number;
  readonly reply: Promise<{ values: TypedArray; snapshot?: Snapshot }>;
}

/** Enqueues and reads all steps of the pass. @returns what the epoch was, as far as this pass is all of it */
export async function* trainEpoch(
  context: EpochContext,
): AsyncGenerator<Progress, EpochEnd, undefined> {
  const { state, entries, held, snapshots, chunks, epoch, epochs, sums, before } = context;
  const { rows, steps, batchSize } = entries;
  const firstStep = state.step;
  // Moves on by what the caller's pauses cost, so that it stands for training alone.
  let beganMs = performance.now();
  const pending: Chunk[] = [];
  let enqueued = 0;
  let read = 0;
  let lastMs = beganMs;

  while (read < steps) {
    if (context.signal?.aborted) await settle(pending);
    checkAborted(context.signal);
    while (pending.length < 2 && enqueued < steps) {
      const count = entries.enqueue(held, firstStep, enqueued, chunks.next);
      enqueued += count;
      state.step = firstStep + enqueued;
      const reply = snapshots.read(
        entries.stepper.ring,
        state.step,
        before === undefined && enqueued === steps,
      );
      reply.catch(() => undefined);
      pending.push({ count, reply });
    }
    const { count, reply } = pending.shift() as Chunk;
    const { values, snapshot } = await reply;
    const losses = new Float32Array(count);
    const figures = entries.stepper.figuresIn(values, firstStep + read, count);
    for (const [index, { loss, norm, figures: told }] of figures.entries()) {
      const step = firstStep + read + index;
      if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
        await settle(pending);
        // A finite step before this one speaks for the snapshot it started from.
        if (index > 0) snapshots.accept(undefined);
        snapshots.restore();
        // The slots are those of that step too, and Adam's corrections must be.
        state.step = snapshots.step;
        throw diverged(step, epoch, loss, norm, snapshots.step);
      }
      losses[index] = loss;
      sums.add(told, entries.rowsOf(read + index));
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
      step: (before?.steps ?? 0) + read,
      steps: before ? Number.NaN : steps,
      losses,
      ...toldBy(sums),
      imagesPerSecond: (seen / spentMs) * 1000,
      secondsLeft: before
        ? Number.NaN
        : (left * ((context.trainedMs + spentMs) / ((epoch - 1) * rows + seen))) / 1000,
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
    ...toldBy(sums),
    rows,
    seconds: elapsedMs / 1000,
    imagesPerSecond: (rows / elapsedMs) * 1000,
  };
}

/** Waits for what is enqueued; its outcome no longer matters. */
async function settle(pending: readonly Chunk[]): Promise<void> {
  await Promise.allSettled(pending.map(({ reply }) => reply));
}

function toldBy(sums: FigureSums) {
  const figures = sums.result();
  return { figures, loss: figures.loss as number, accuracy: figures.acc ?? Number.NaN };
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
