/** Training on a stream: while one shard trains, the next is made and uploaded. */

import { checkAborted } from "../abort.js";
import { HoneError } from "../errors.js";
import { figureColumns } from "../graph/terms.js";
import type { BatchRows } from "./batch-rows.js";
import { ChunkSize } from "./chunk-size.js";
import { contentInTurns } from "./content.js";
import { planData } from "./data-plan.js";
import type { Dataset } from "./dataset.js";
import type { TrainOptions } from "./fit-options.js";
import { checkSame } from "./going-on.js";
import { rateFunction } from "./rates.js";
import type { TrainingRecord } from "./records.js";
import { hold } from "./resident-sets.js";
import { checkedSchedule, countsEpochs, type RateFunction } from "./schedule.js";
import { ShardLine, type TakenShard } from "./shard-line.js";
import { StepEntries } from "./step-entries.js";
import type { StreamBatch } from "./stream.js";
import type { StreamLike } from "./stream-like.js";
import {
  beginEpoch,
  checkedRate,
  classWeightsOf,
  contextOfPass,
  DEFAULT_PROGRESS_MS,
  endOf,
  judged,
  recovering,
  runOptions,
  stoppingRule,
  type TrainingContext,
  withValidation,
} from "./train.js";
import { type Binding, LONGEST_CHUNK, trainPass } from "./train-pass.js";
import {
  isOver,
  NOTHING,
  type Pass,
  type RunMark,
  type RunOptions,
  type TrainedOn,
  TrainingRun,
} from "./training-run.js";

/** What a session knows that a stream needs. */
export interface StreamContext extends TrainingContext {
  /** Rows of a batch as the model takes them. */
  readBatch(batch: StreamBatch): Promise<BatchRows>;
}

/** As `train`, on what comes in turn. @throws as `train`; BadData for what is no batch, or a stream that gives none */
export async function* trainStream(
  context: StreamContext,
  stream: StreamLike,
  given: TrainOptions,
  resumed: RunMark | undefined,
): AsyncGenerator<TrainingRecord, void, undefined> {
  const options = await runOptions(given, resumed);
  const { batchesPerEpoch, batchSize, validation } = options;
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
  const { signal } = given;
  const readBatch = (batch: StreamBatch) => context.readBatch(batch);
  const line = new ShardLine({ stream, readBatch, signal, batchSize, batchesPerEpoch });
  const training = new StreamTraining(context, line, { given, options, resumed });
  try {
    yield* recovering(context, signal, () => training.epochs());
  } finally {
    await training.leave();
  }
}

/** A shard with the steps over it, on the device where it was prepared. */
interface Prepared extends Binding {
  readonly dataset: Dataset;
}

interface StreamChoice {
  readonly given: TrainOptions;
  readonly options: RunOptions;
  readonly resumed: RunMark | undefined;
}

class StreamTraining {
  readonly #context: StreamContext;
  readonly #line: ShardLine;
  readonly #choice: StreamChoice;
  readonly #chunks: ChunkSize;
  readonly #prepared = new Map<string, Prepared>();
  #run: TrainingRun | undefined;
  #rate: RateFunction = () => Number.NaN;

  /** Of the last shard. */
  #entries: StepEntries | undefined;

  constructor(context: StreamContext, line: ShardLine, choice: StreamChoice) {
    this.#context = context;
    this.#line = line;
    this.#choice = choice;
    const { progressMs = DEFAULT_PROGRESS_MS } = choice.given;
    this.#chunks = new ChunkSize(progressMs, LONGEST_CHUNK);
  }

  async *epochs(): AsyncGenerator<TrainingRecord, void, undefined> {
    const { given, options } = this.#choice;
    const { validation } = options;
    for (;;) {
      const begun = this.#run ?? this.#choice.resumed;
      if (begun && isOver({ ...begun, options })) {
        if (!this.#run) await this.#begin();
        return;
      }
      const run = yield* this.#epoch();
      let end = endOf(run, run.before.rows, await this.#entries?.threadsTaken());
      if (typeof validation === "object") {
        const found = await this.#context.evaluate(validation, given.signal);
        end = withValidation(end, found.figures);
      }
      yield judged(this.#context, run, end);
    }
  }

  /** Gives back what it holds. */
  async leave(): Promise<void> {
    await this.#line.leave();
    for (const place of [...this.#prepared.keys()]) this.#release(place);
  }

  /** The shards of the present epoch that are left. */
  async *#epoch(): AsyncGenerator<TrainingRecord, TrainingRun, undefined> {
    const { given, resumed } = this.#choice;
    for (;;) {
      const { epoch, before } = this.#run ?? resumed ?? { epoch: 1, before: NOTHING };
      const taken = await this.#line.at(epoch, before);
      if (!taken && before.passes === 0) {
        const what = `it gave nothing in epoch ${epoch}. Give a function that makes it anew, or train for fewer epochs.`;
        throw new HoneError("BadData", "stream", what);
      }
      checkAborted(given.signal);
      if (!taken) return this.#run ?? (await this.#begin());
      await this.#bound(taken);
      const run = this.#run ?? (await this.#begin());
      this.#line.ahead(async (next) => {
        await this.#bound(next);
      });
      yield* this.#pass(run, taken);
    }
  }

  async *#pass(
    run: TrainingRun,
    taken: TakenShard,
  ): AsyncGenerator<TrainingRecord, void, undefined> {
    const context = this.#context;
    if (run.pass === undefined) beginEpoch(context, run);
    const entries = yield* trainPass({
      ...contextOfPass(context),
      run,
      chunks: this.#chunks,
      signal: this.#choice.given.signal,
      isEpoch: false,
      bind: () => this.#bound(taken),
      begin: (binding, pass) => this.#send(binding, pass, run, taken),
    });
    this.#entries = entries;
    const { steps, rows } = entries;
    const { before } = run;
    run.before = {
      steps: before.steps + steps,
      rows: before.rows + rows,
      passes: before.passes + 1,
      allPasses: before.allPasses + 1,
    };
    run.pass = undefined;
    context.snapshots.remark({ ...context.counts, run: run.mark() });
    this.#release(taken.place);
  }

  #send({ entries }: Binding, pass: Pass, run: TrainingRun, { shard }: TakenShard): void {
    const { batchesPerEpoch, shuffle } = run.options;
    const rateOf = this.#rate;
    entries.begin({
      epoch: pass.order,
      firstStep: pass.firstStep,
      shuffle: shard.batchSize === undefined && shuffle,
      learningRate: (step) =>
        checkedRate(rateOf(step - run.firstStep, batchesPerEpoch ?? Number.NaN), step),
    });
  }

  async #begin(): Promise<TrainingRun> {
    const { options, resumed } = this.#choice;
    const { counts, setup, snapshots } = this.#context;
    const { validation } = options;
    const on: TrainedOn = {
      kind: "stream",
      ...(typeof validation === "object" && {
        validation: { rows: validation.rows, content: await contentInTurns(validation) },
      }),
    };
    if (resumed) checkSame(resumed.on, on);
    this.#rate = await rateFunction(options.learningRate ?? setup.optimizer.learningRate);
    const run = new TrainingRun(
      { firstStep: counts.step, ...resumed, options, on },
      {
        columns: figureColumns(setup.terms),
        stopping: await stoppingRule(setup, options, typeof validation === "object"),
      },
    );
    const tensors = await (await this.#context.engine()).readState();
    this.#run = run;
    this.#context.follow(run);
    snapshots.reset({ tensors, mark: { ...counts, run: run.mark() } });
    return run;
  }

  /** The steps over a shard, ready where the session is now. */
  async #bound({ shard, place }: TakenShard): Promise<Binding> {
    const { dataset } = shard;
    // The rows of batches were looked at one by one.
    const isValid = shard.batchSize !== undefined;
    const known = this.#prepared.get(place);
    if (known && known.engine === (await this.#context.engine())) return known;
    const { model, setup } = await this.#context.partsFor(dataset, { isValid });
    const engine = await this.#context.engine();
    const data = planData(model, setup.terms, dataset, { isValid });
    const { options, given } = this.#choice;
    const classWeights = await classWeightsOf(options, setup.terms, data, dataset);
    const batchSize = shard.batchSize ?? options.batchSize;
    const { accumulate } = options;
    const { rows } = dataset;
    const steps = { model, setup, data, rows, batchSize, classWeights, accumulate };
    const entries = await StepEntries.prepare(engine, steps);
    const held = await hold(engine, dataset, {
      once: true,
      entries: entries.all,
      signal: given.signal,
    });
    const binding = { engine, entries, held, dataset };
    this.#release(place);
    this.#prepared.set(place, binding);
    return binding;
  }

  #release(place: string): void {
    const known = this.#prepared.get(place);
    if (!known) return;
    this.#prepared.delete(place);
    known.held.release();
    known.engine.forget(known.dataset);
  }
}
