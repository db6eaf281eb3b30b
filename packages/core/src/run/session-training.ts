/** All that a session does beside predicting: it trains, judges and explains. Loaded when that is asked for. */
import type { Device } from "../backend.js";
import { HoneError, isHoneError } from "../errors.js";
import type { TracedModel } from "../graph/template.js";
import type { BatchRows } from "./batch-rows.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { CheckpointSaver } from "./checkpoint-saver.js";
import { checkWeighable } from "./data-plan.js";
import { type Dataset, validateDataset } from "./dataset.js";
import { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
import { type Explanation, explainStep } from "./explain.js";
import {
  TFJS_BATCH_OPTIONS,
  TFJS_EVALUATE_OPTIONS,
  type TrainOptions,
  trainOptions,
} from "./fit-options.js";
import type { NamedRows } from "./named-rows.js";
import { checkOptions } from "./options.js";
import { runMarkOf } from "./read-checkpoint.js";
import { type History, historyOf, type TrainingRecord } from "./records.js";
import { checkResumed } from "./resumed.js";
import type { RowsLike } from "./rows.js";
import { batchOf, learnClassNames, learnScales, modelFor } from "./session-data.js";
import { SessionKeeping } from "./session-keeping.js";
import type { SessionModel } from "./session-model.js";
import {
  BATCH_OPTIONS,
  type BatchOptions,
  EVALUATE_OPTIONS,
  RECORD_OPTION,
} from "./session-options.js";
import type { SessionState } from "./session-state.js";
import { isStream, type StreamLike } from "./stream.js";
import { train } from "./train.js";
import {
  type BatchFigures,
  type BatchStepOptions,
  BatchSteps,
  bytesOf,
  copied,
} from "./train-on-batch.js";
import type { TrainingParts } from "./train-pass.js";
import { trainStream } from "./train-stream.js";
import { trainingContext } from "./training-context.js";
import { isOver, type RunMark, type TrainingRun } from "./training-run.js";
import { knownPartsOf } from "./validation.js";

/** The session that trains. */
export interface TrainedSession {
  readonly model: SessionModel;
  /** The state to begin with. */
  readonly resume: SessionCheckpoint | undefined;
  /** @throws BadArgument while the model waits for data to say its input's shape */
  readonly made: () => SessionState;
  /** Undefined while it waits. */
  readonly state: () => SessionState | undefined;
}

export class SessionTraining {
  readonly #session: TrainedSession;
  /** It was made from a checkpoint and has not trained since. */
  #resumes: boolean;
  /** Of the last training, or the one under way. */
  #run: TrainingRun | undefined;
  #batches: BatchSteps | undefined;
  #isChecked = false;

  constructor(session: TrainedSession) {
    this.#session = session;
    this.#resumes = session.resume !== undefined;
  }

  async *steps(
    data: Dataset | StreamLike,
    options: TrainOptions,
  ): AsyncGenerator<TrainingRecord, void> {
    const checked = trainOptions("fit", options, RECORD_OPTION);
    const { model, made, state } = this.#session;
    const { checkpoints } = checked;
    const saver =
      checkpoints &&
      new CheckpointSaver(
        checkpoints,
        () => made().kept(SessionKeeping).checkpoint(),
        (warning) => model.warn(warning),
      );
    let failed = false;
    try {
      const resumed = this.#takeUnfinished(checked.resume);
      const context = trainingContext({
        model,
        made,
        hasState: () => state() !== undefined,
        partsFor: (dataset, parts) => this.#partsFor(dataset, parts),
        evaluate: (dataset, judging) => this.#evaluated(dataset, judging),
        onRun: (run) => {
          this.#run = run;
        },
      });
      const records = isStream(data)
        ? trainStream(context, data, checked, resumed)
        : train(context, data, checked, resumed);
      for await (const record of records) {
        saver?.look();
        yield record;
      }
    } catch (error) {
      failed = !isHoneError(error, "Aborted");
      throw error;
    } finally {
      await this.#end(failed);
      if (!failed) await saver?.finish();
    }
  }

  /** Of the last training. */
  get history(): History {
    const { resume, state } = this.#session;
    const step = state()?.counts.step ?? resume?.step ?? 0;
    return historyOf(this.#run?.ended ?? [], step - (this.#run?.firstStep ?? 0));
  }

  async trainOnBatch(
    x: RowsLike | NamedRows,
    y: RowsLike | NamedRows | undefined,
    options: BatchOptions,
  ): Promise<BatchFigures> {
    checkOptions("trainOnBatch", options, BATCH_OPTIONS, TFJS_BATCH_OPTIONS);
    const { sampleWeight } = options;
    const given = { x, y, sampleWeights: sampleWeight };
    const { model, batch } = await batchOf(this.#session.model, given);
    const state = this.#made();
    checkWeighable(this.#session.model.captured.setup.terms, "sampleWeight", sampleWeight);
    await state.bring();
    return this.#stepOnBatch(state, model, batch, options);
  }

  async evaluate(dataset: Dataset, options: EvaluateOptions): Promise<Evaluation> {
    checkOptions("evaluate", options, EVALUATE_OPTIONS, TFJS_EVALUATE_OPTIONS);
    // What is wrong with the data is told before anything else.
    if (!this.#session.state()) await this.#partsFor(dataset);
    return this.#made().surviving(() => this.#evaluated(dataset, options));
  }

  release(dataset: Dataset): void {
    const home = this.#session.state()?.home;
    const sets = [dataset, ...knownPartsOf(dataset)];
    if (sets.map((set) => home?.forget(set) ?? true).every((gone) => gone)) return;
    const what = `data set "${dataset.name}" is in use. Wait for that to end.`;
    throw new HoneError("BadArgument", "release", what);
  }

  explain({ target }: Device, options: { readonly batchSize?: number }): Explanation {
    checkOptions("explain", options, { batchSize: EVALUATE_OPTIONS.batchSize });
    const { traced, setup } = this.#session.model.captured;
    return explainStep(traced, setup, target, options.batchSize ?? 64);
  }

  /** Takes one step on rows, and goes on elsewhere if the device fails in it. */
  async #stepOnBatch(
    state: SessionState,
    model: TracedModel,
    batch: BatchRows,
    options: BatchStepOptions,
  ): Promise<BatchFigures> {
    const { snapshots, journal, home, counts, parts } = state;
    this.#batches ??= new BatchSteps(home, parts.captured.setup, counts);
    const batches = this.#batches;
    if (state.unfinished) state.forgetUnfinished();
    state.takesBatches = true;
    const found = await state.surviving(() => batches.step(model, batch, options));
    // Without another device there is nobody to take it again.
    if (parts.failover.isThere) {
      const kept = copied(batch);
      journal.add(() => batches.step(model, kept, options), bytesOf(kept));
    }
    if (!snapshots.isDue(journal.isFull)) return found;
    const mark = { ...counts, run: undefined };
    const tensors = await state.surviving(() => home.readState());
    journal.clear();
    snapshots.reset({ tensors, mark });
    return found;
  }

  /** What was left in the middle is kept, to go on with. @param failed so that there is nothing to keep */
  async #end(failed: boolean): Promise<void> {
    const state = this.#session.state();
    try {
      if (state?.run && !failed) {
        const keeping = state.kept(SessionKeeping);
        state.snapshots.reset(await state.surviving(() => keeping.snapshotNow()));
      }
    } finally {
      if (state) {
        state.run = undefined;
        state.kept(SessionKeeping).survival.rested();
      }
    }
  }

  /** The training to go on with. @throws BadArgument where there is none */
  #takeUnfinished(resume: boolean | undefined): RunMark | undefined {
    const goesOn = resume ?? this.#resumes;
    this.#resumes = false;
    const { resume: checkpoint } = this.#session;
    const state = this.#session.state();
    const unfinished = state ? state.unfinished : checkpoint && runMarkOf(checkpoint);
    // One that is over has figures to give, and more epochs may be wanted; but nobody resumes it in so many words.
    if (goesOn && unfinished && !(resume && isOver(unfinished))) return unfinished;
    if (resume) {
      const what = "no training was left in the middle. Leave it out for a new one.";
      throw new HoneError("BadArgument", "resume", what);
    }
    state?.forgetUnfinished();
    return undefined;
  }

  /** What a data set is trained or judged with. */
  async #partsFor(
    dataset: Dataset,
    { isValid = false }: { readonly isValid?: boolean } = {},
  ): Promise<TrainingParts> {
    if (!isValid) validateDataset(dataset);
    const { model } = this.#session;
    const traced = modelFor(model, dataset);
    const state = this.#made();
    await state.bring();
    learnScales(model, traced, dataset);
    learnClassNames(model, traced, dataset);
    const { setup } = model.captured;
    return { engine: await state.home.onDevice(), model: traced, setup };
  }

  async #evaluated(dataset: Dataset, options: EvaluateOptions): Promise<Evaluation> {
    const { engine, model, setup } = await this.#partsFor(dataset);
    return engine.during(() => evaluate({ engine, model, setup }, dataset, options));
  }

  #made(): SessionState {
    const state = this.#session.made();
    const { resume, captured, checkResume } = state.parts;
    if (resume && !checkResume && !this.#isChecked) checkResumed(resume, captured);
    this.#isChecked = true;
    return state;
  }
}
