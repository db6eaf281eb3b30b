/**
 * One pass over rows on the device: enqueue a chunk of steps, read the ring of figures, tell, repeat.
 *
 * It is driven by the device's replies, never by timers. One chunk is always enqueued ahead of the one
 * being read, so that the device does not wait for the host.
 */

import { checkAborted } from "../abort.js";
import { HoneError } from "../errors.js";
import { METRICS_RING } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";
import type { StateTensors } from "./checkpoint-tensors.js";
import type { ChunkSize } from "./chunk-size.js";
import { type Engine, superseded } from "./engine.js";
import type { Moved, Progress } from "./records.js";
import type { HeldData } from "./resident-sets.js";
import type { TrainingSetup } from "./setup.js";
import type { Snapshots } from "./snapshots.js";
import type { StepEntries } from "./step-entries.js";
import type { Chunk, Pass, SessionMark, TrainingRun } from "./training-run.js";

/** Two chunks of this size fit into the ring with room to spare. */
export const LONGEST_CHUNK = METRICS_RING / 4;

/** Where a session stands; it keeps it between two calls of `steps`. */
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
}

/** Steps that are ready on the device where the session now is. */
export interface Binding {
  readonly engine: Engine;
  readonly entries: StepEntries;
  readonly held: HeldData;
}

/** What a pass needs of the session. */
export interface PassContext {
  readonly run: TrainingRun;
  readonly counts: TrainingState;
  readonly snapshots: Snapshots<SessionMark>;
  readonly chunks: ChunkSize;
  readonly signal: AbortSignal | undefined;
  /** Makes the steps ready where the session is now, unless they are. */
  bind(): Promise<Binding>;
  /** Sends order and schedule of the run's pass. */
  begin(binding: Binding, pass: Pass): void;
  /** False when the session has gone on elsewhere since the last `bind`. */
  isCurrent(): boolean;
  /** True when something waits for the device to be idle: a move to another one, or a look at whether it computes right. */
  wantsPause(): boolean;
  /** Does what waited. @returns the move, if it was one @throws what there is to recover from */
  pause(): Promise<Moved | undefined>;
  /** Seconds of all epochs can be foretold: the pass is an epoch. */
  readonly isEpoch: boolean;
}

interface EnqueuedChunk extends Chunk {
  readonly tensors: Promise<StateTensors> | undefined;
}

/** Takes the steps of the run's pass that are left. @throws as `fit` */
export async function* trainPass(
  context: PassContext,
): AsyncGenerator<Progress | Moved, Binding["entries"], undefined> {
  const { run } = context;
  let binding = await context.bind();
  const { steps } = binding.entries;
  context.begin(binding, run.pass as Pass);
  run.rowsOf = (step) => binding.entries.rowsOf(step);
  const pending = run.outstanding as EnqueuedChunk[];
  let lastMs = performance.now();
  let wasLookedAt = false;
  while ((run.pass as Pass).step < steps) {
    if (context.signal?.aborted) await settled(pending);
    checkAborted(context.signal);
    const wantsPause = context.wantsPause() && !wasLookedAt;
    if (wantsPause && pending.length === 0) {
      const moved = await context.pause();
      if (moved) {
        binding = await context.bind();
        context.begin(binding, run.pass as Pass);
        yield moved;
      }
      // However often it is looked at, there are steps in between.
      wasLookedAt = moved === undefined;
      lastMs = performance.now();
      continue;
    }
    if (!wantsPause) enqueue(context, binding, pending);
    const chunk = pending[0] as EnqueuedChunk;
    const losses = await takeIn(context, chunk);
    wasLookedAt = false;
    const nowMs = performance.now();
    context.chunks.observe(chunk.count, nowMs - lastMs);
    run.epochMs += nowMs - lastMs;
    const ahead = pending.reduce((sum, { count }) => sum + count, 0);
    const enqueuedMs = (run.epochMs / (run.before.steps + (run.pass as Pass).step)) * ahead;
    yield progressOf(context, binding.entries, losses);
    // While the caller pauses, the device goes on with what is enqueued; then it waits.
    const pausedMs = performance.now() - nowMs;
    lastMs = nowMs + Math.max(0, pausedMs - enqueuedMs);
  }
  return binding.entries;
}

/** Keeps two chunks with the device. */
function enqueue(context: PassContext, binding: Binding, pending: EnqueuedChunk[]): void {
  const { run, counts, snapshots, chunks } = context;
  const { engine, entries, held } = binding;
  const { firstStep, step } = run.pass as Pass;
  if (!context.isCurrent()) throw superseded();
  let enqueued = step + pending.reduce((sum, { count }) => sum + count, 0);
  while (pending.length < 2 && enqueued < entries.steps) {
    const first = enqueued;
    const count = entries.enqueue(held, firstStep, first, chunks.next);
    enqueued += count;
    counts.step = firstStep + enqueued;
    const isEnd = enqueued === entries.steps;
    const figures = entries.stepper.figures(firstStep + first, count);
    // Reads with no run between them are of one moment.
    const tensors = snapshots.isDue(isEnd) ? engine.readState() : undefined;
    // Awaited later, if at all; what they throw must not be unhandled until then.
    figures.catch(() => undefined);
    tensors?.catch(() => undefined);
    pending.push({ count, figures, tensors });
  }
}

/** Takes in the figures of the chunk that is due, and the snapshot made after it. @returns its losses @throws Diverged */
async function takeIn(context: PassContext, chunk: EnqueuedChunk): Promise<Float32Array> {
  const { count, figures, tensors } = chunk;
  const { run, counts, snapshots } = context;
  const steps = await figures;
  const taken = await tensors;
  const pending = run.outstanding;
  if (pending[0] !== chunk) throw superseded();
  const { firstStep, step: first } = run.pass as Pass;
  const losses = new Float32Array(count);
  for (const [index, step] of steps.entries()) {
    const number = firstStep + first + index;
    if (!Number.isFinite(step.loss) || !Number.isFinite(step.norm)) {
      // A finite step before this one speaks for the snapshot it started from.
      if (index > 0) snapshots.prove();
      await settled(pending as EnqueuedChunk[]);
      const norm = `the gradient's norm is ${step.norm}`;
      throw diverged(
        context,
        number,
        Number.isFinite(step.loss) ? norm : `the loss is ${step.loss}`,
      );
    }
    losses[index] = step.loss;
  }
  snapshots.prove();
  for (const step of steps) run.takeIn(step);
  pending.shift();
  if (taken === undefined) return losses;
  const step = firstStep + first + count;
  const mark = { step, epochs: counts.epochs, run: run.mark() };
  if (snapshots.offer({ tensors: taken, mark })) return losses;
  await settled(pending as EnqueuedChunk[]);
  throw diverged(context, step - 1, "the weights after it are not finite");
}

/** Waits for what is enqueued; its outcome no longer matters. */
async function settled(pending: readonly EnqueuedChunk[]): Promise<void> {
  await Promise.allSettled(pending.flatMap(({ figures, tensors }) => [figures, tensors]));
}

function diverged({ run, snapshots }: PassContext, step: number, what: string): HoneError {
  const good = snapshots.proven.mark.step;
  return new HoneError(
    "Diverged",
    `step ${step + 1}`,
    `${what} in epoch ${run.epoch}. The weights are those after ${good} ${good === 1 ? "step" : "steps"}; try a smaller learning rate or clipNorm.`,
  );
}

function progressOf(
  { run, isEpoch }: PassContext,
  { steps, batchSize, rows }: StepEntries,
  losses: Float32Array,
): Progress {
  const { epoch, before, epochMs, trainedMs } = run;
  const { epochs } = run.options;
  const { step } = run.pass as Pass;
  const seen = Math.min(step * batchSize, rows);
  const done = (epoch - 1) * rows + seen;
  const figures = run.sums?.result() ?? {};
  return {
    kind: "progress",
    epoch,
    epochs,
    step: before.steps + step,
    steps: isEpoch ? steps : Number.NaN,
    losses,
    figures,
    loss: figures.loss as number,
    accuracy: figures.acc ?? Number.NaN,
    imagesPerSecond: ((before.rows + seen) / epochMs) * 1000,
    secondsLeft: isEpoch
      ? ((epochs * rows - done) * ((trainedMs + epochMs) / done)) / 1000
      : Number.NaN,
  } as Progress;
}
