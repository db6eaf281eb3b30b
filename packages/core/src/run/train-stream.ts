/** Training on a stream: while one shard trains, the next is made and uploaded. */
import { HoneError } from "../errors.js";
import { slotNames } from "../graph/apply-optimizer.js";
import { figureColumns } from "../graph/terms.js";
import { checkAborted } from "./abort.js";
import type { BatchRows } from "./batch-rows.js";
import { ChunkSize } from "./chunk-size.js";
import { planClassWeights, planData } from "./data-plan.js";
import type { Dataset } from "./dataset.js";
import type { HeldData } from "./engine.js";
import { evaluate } from "./evaluate.js";
import { FigureSums } from "./figure-sums.js";
import type { TrainOptions } from "./fit-options.js";
import type { EpochEnd, TrainingRecord } from "./records.js";
import { checkedSchedule, countsEpochs } from "./schedule.js";
import { Snapshots } from "./snapshots.js";
import { StepEntries } from "./step-entries.js";
import {
  batchIn,
  disposeTensors,
  isTfDataset,
  openStream,
  type Shard,
  Shards,
  type StreamBatch,
  type StreamLike,
} from "./stream.js";
import {
  checkedRate,
  DEFAULT_PROGRESS_MS,
  ratesOf,
  stoppingRule,
  withValidation,
} from "./train.js";
import { LONGEST_CHUNK, type TrainingParts, trainEpoch } from "./train-epoch.js";

/** What a session knows that a stream needs. */
export interface StreamContext {
  /** The model for a shard's rows, and the engine it trains on. */
  partsFor(dataset: Dataset, options?: { readonly isValid?: boolean }): Promise<TrainingParts>;
  /** Rows of a batch as the model takes them. */
  readBatch(batch: StreamBatch): Promise<BatchRows>;
}

interface Prepared {
  readonly shard: Shard;
  readonly parts: TrainingParts;
  readonly entries: StepEntries;
  readonly held: HeldData;
}

/** As `train`, on what comes in turn. @throws as `train`; BadData for what is no batch, or a stream that gives none */
export async function* trainStream(
  context: StreamContext,
  stream: StreamLike,
  options: TrainOptions,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const { epochs = 10, batchesPerEpoch, signal, validation } = options;
  if (typeof validation === "number" && validation !== 0) {
    const what = "a stream has no last part. Give `validation` a data set.";
    throw new HoneError("BadArgument", "fit", what);
  }
  const { learningRate = 0 } = options;
  checkedSchedule(learningRate);
  if (batchesPerEpoch === undefined && countsEpochs(learningRate)) {
    const what =
      "it counts in epochs, and how long a stream is shows only at its end. Give `batchesPerEpoch`, or lengths in steps.";
    throw new HoneError("BadArgument", "learningRate", what);
  }
  const run = new StreamRun(context, options);
  let source = new Source(context, stream, signal);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      if (epoch > 1 && batchesPerEpoch === undefined) {
        await source.close();
        source = new Source(context, stream, signal);
      }
      let end = yield* run.epoch(source, epoch);
      if (typeof validation === "object") {
        const parts = await context.partsFor(validation);
        const found = await evaluate(parts, validation, signal ? { signal } : {});
        end = withValidation(end, found.figures);
      }
      const { stopped, record } = await run.judge(end, epoch === epochs);
      yield record;
      if (stopped) return;
    }
  } finally {
    await source.close();
  }
}

/** Shards out of a stream, one after another. */
class Source {
  readonly #context: StreamContext;
  readonly #iterator: AsyncIterator<unknown>;
  /** Tensors of a tf.data data set are made for whoever takes them, as tfjs's fitDataset does. */
  readonly #ownsTensors: boolean;
  readonly #shards = new Shards();
  readonly #ready: Shard[] = [];
  readonly #signal: AbortSignal | undefined;
  #ended = false;
  #closed = false;
  #left = false;

  constructor(context: StreamContext, stream: StreamLike, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#signal = signal;
    this.#iterator = openStream(stream);
    this.#ownsTensors = isTfDataset(stream);
  }

  /** Nobody wants what comes: a shard that is being filled ends with the batch it waits for. */
  leave(): void {
    this.#left = true;
  }

  /** @param most batches to take; all unless given @returns undefined at the end of the stream @throws Aborted */
  async next(most = Number.POSITIVE_INFINITY): Promise<Shard | undefined> {
    while (this.#ready.length === 0 && !this.#ended && this.#shards.batches < most) {
      checkAborted(this.#signal);
      if (this.#left) return undefined;
      const { value, done } = await this.#iterator.next();
      if (done) {
        this.#ended = true;
        break;
      }
      const item = batchIn(value);
      if ("columns" in item) {
        this.#push(this.#shards.flush());
        this.#push({ dataset: item, batchSize: undefined });
      } else {
        this.#push(this.#shards.add(await this.#context.readBatch(item)));
        if (this.#ownsTensors) disposeTensors(value);
      }
    }
    const ready = this.#ready.shift();
    return ready ?? this.#shards.flush();
  }

  recycle(shard: Shard): void {
    this.#shards.recycle(shard);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#ended) await this.#iterator.return?.();
  }

  #push(shard: Shard | undefined): void {
    if (shard) this.#ready.push(shard);
  }
}

class StreamRun {
  readonly #context: StreamContext;
  readonly #options: TrainOptions;
  #snapshots: Snapshots | undefined;
  #chunks: ChunkSize;
  #stopping: ReturnType<typeof stoppingRule>;
  #trainedMs = 0;
  #firstStep: number | undefined;

  constructor(context: StreamContext, options: TrainOptions) {
    this.#context = context;
    this.#options = options;
    this.#chunks = new ChunkSize(options.progressMs ?? DEFAULT_PROGRESS_MS, LONGEST_CHUNK);
  }

  async *epoch(source: Source, epoch: number): AsyncGenerator<TrainingRecord, EpochEnd, undefined> {
    const { epochs = 10, batchesPerEpoch, signal } = this.#options;
    const before = { steps: 0, rows: 0 };
    let sums: FigureSums | undefined;
    let last: EpochEnd | undefined;
    let seconds = 0;
    let taken = 0;
    let left = batchesPerEpoch ?? Number.POSITIVE_INFINITY;
    const prepare = async (): Promise<Prepared | undefined> => {
      const shard = left > 0 ? await source.next(left) : undefined;
      if (!shard) return undefined;
      const prepared = await this.#prepare(shard);
      left -= prepared.entries.steps;
      source.recycle(shard);
      return prepared;
    };
    let isDone = false;
    let upcoming: Promise<Prepared | undefined> = prepare();
    try {
      for (;;) {
        const prepared = await upcoming;
        if (!prepared) break;
        checkAborted(signal);
        upcoming = prepare();
        // It is awaited later; what it throws must not be unhandled until then.
        upcoming.catch(() => undefined);
        const { parts, entries, held, shard } = prepared;
        const snapshots = this.#snapshots ?? (await this.#start(parts));
        if (before.steps === 0) snapshots.beginEpoch();
        sums ??= new FigureSums(figureColumns(parts.setup.terms));
        const { state, setup } = parts;
        const rateOf = ratesOf(setup, this.#options.learningRate);
        const firstStep = this.#firstStep as number;
        entries.begin({
          epoch: state.epochs++,
          firstStep: state.step,
          shuffle: shard.batchSize === undefined && (this.#options.shuffle ?? true),
          learningRate: (step) =>
            checkedRate(rateOf(step - firstStep, batchesPerEpoch ?? Number.NaN), step),
        });
        const common = { ...parts, entries, held, snapshots, chunks: this.#chunks, signal };
        try {
          last = yield* trainEpoch({
            ...common,
            epoch,
            epochs,
            trainedMs: this.#trainedMs,
            sums,
            before: { ...before },
          });
        } finally {
          held.release();
          parts.engine.forget(shard.dataset);
        }
        taken = state.step;
        seconds += last.seconds;
        before.steps += entries.steps;
        before.rows += entries.rows;
      }
      isDone = true;
    } finally {
      if (!isDone) source.leave();
      const prepared = await upcoming.catch(() => undefined);
      prepared?.held.release();
      if (prepared) prepared.parts.engine.forget(prepared.shard.dataset);
    }
    if (!last) {
      const what = `it gave nothing in epoch ${epoch}. Give a function that makes it anew, or train for fewer epochs.`;
      throw new HoneError("BadData", "stream", what);
    }
    this.#trainedMs += seconds * 1000;
    await this.#snapshots?.end(taken);
    return { ...last, rows: before.rows, seconds, imagesPerSecond: before.rows / seconds };
  }

  /** Early stopping's word on an epoch. */
  async judge(
    end: EpochEnd,
    isLast: boolean,
  ): Promise<{ readonly stopped: boolean; readonly record: EpochEnd }> {
    const verdict = this.#stopping?.observe(end);
    if (this.#stopping === undefined || !verdict) return { stopped: false, record: end };
    const { bestEpoch, monitor, keeps } = this.#stopping;
    if (verdict.best) await this.#snapshots?.keepBest(keeps);
    else if (verdict.stop || isLast) this.#snapshots?.restoreBest();
    if (!verdict.stop) return { stopped: false, record: end };
    const reason = `${monitor} has not improved since epoch ${bestEpoch}`;
    return { stopped: true, record: { ...end, stopped: { reason, bestEpoch } } };
  }

  async #start({ engine, setup, state }: TrainingParts): Promise<Snapshots> {
    const snapshots = new Snapshots(engine, slotNames(setup.optimizer));
    this.#snapshots = snapshots;
    await snapshots.take(state.step);
    this.#firstStep = state.step;
    this.#stopping = stoppingRule(
      setup,
      this.#options,
      typeof this.#options.validation === "object",
    );
    return snapshots;
  }

  async #prepare(shard: Shard): Promise<Prepared> {
    const { dataset } = shard;
    // The rows of batches were looked at one by one.
    const isValid = shard.batchSize !== undefined;
    const parts = await this.#context.partsFor(dataset, { isValid });
    const { engine, model, setup } = parts;
    const data = planData(model, setup.terms, dataset, { isValid });
    const classWeights = planClassWeights(this.#options.classWeight, setup.terms, data, dataset);
    const batchSize = shard.batchSize ?? this.#options.batchSize ?? 64;
    const { rows } = dataset;
    const entries = await StepEntries.prepare(engine, {
      model,
      setup,
      data,
      rows,
      batchSize,
      classWeights,
      accumulate: this.#options.accumulate,
    });
    const held = await engine.hold(dataset, { once: true, entries: entries.all });
    return { shard, parts, entries, held };
  }
}
