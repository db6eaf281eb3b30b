/** All that a session does beside predicting: it trains, judges and explains. Loaded when that is asked for. */
import type { Device } from "../backend.js";
import { HoneError, isHoneError } from "../errors.js";
import type { TracedModel, WeightInfo } from "../graph/template.js";
import type { BatchOptions } from "./batch-options.js";
import type { BatchRows } from "./batch-rows.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import type { CheckpointOptions } from "./checkpoint-options.js";
import type { CheckpointSaver } from "./checkpoint-saver.js";
import { checkWeighable } from "./data-plan.js";
import { type Dataset, validateDataset } from "./dataset.js";
import { isOfDevice } from "./device-failure.js";
import type { EvaluateOptions, Evaluation } from "./evaluate.js";
import type { Explanation } from "./explain.js";
import { TRAIN_OPTIONS, type TrainOptions } from "./fit-options.js";
import type { FrontedTraining, FrozenFronts } from "./frozen-fronts.js";
import { knownPartsOf } from "./known-parts.js";
import type { NamedRows } from "./named-rows.js";
import { checkOptions, isFunction } from "./options.js";
import { type History, historyOf, type TrainingRecord } from "./records.js";
import type { RowsLike } from "./rows.js";
import { runMarkOf } from "./run-mark.js";
import { learnClassNames, learnScales, modelFor } from "./session-data.js";
import type { Captured, SessionModel } from "./session-model.js";
import { pastOf } from "./session-past.js";
import type { SessionState } from "./session-state.js";
import { isStream, type StreamLike } from "./stream-like.js";
import { train } from "./train.js";
import type { BatchFigures, BatchStepOptions, BatchSteps } from "./train-on-batch.js";
import { trainOptions } from "./train-options.js";
import type { TrainingParts } from "./train-pass.js";
import { trainingContext } from "./training-context.js";
import { isOver, type RunMark, type TrainingRun } from "./training-run.js";

const RECORD_OPTION = { onRecord: { is: isFunction, wanted: "a function of a record" } };

/** The session that trains. */
export interface TrainedSession {
  readonly model: SessionModel;
  /** The state to begin with. */
  readonly resume: SessionCheckpoint | undefined;
  /** @throws BadArgument while the model waits for data to say its input's shape */
  readonly made: () => SessionState;
  /** Undefined while it waits. */
  readonly state: () => SessionState | undefined;
  /** Refuses a checkpoint of another model, where nobody has looked yet. */
  readonly checkResumed?: (resume: SessionCheckpoint, captured: Captured) => void;
}

export class SessionTraining {
  readonly #session: TrainedSession;
  /** It was made from a checkpoint and has not trained since. */
  #resumes: boolean;
  /** Of the last training, or the one under way. */
  #run: TrainingRun | undefined;
  #batches: BatchSteps | undefined;
  #isChecked = false;
  #late: typeof import("./frozen-fronts.js") | undefined;
  #fronts: FrozenFronts | undefined;

  constructor(session: TrainedSession) {
    this.#session = session;
    this.#resumes = session.resume !== undefined;
  }

  async *steps(
    data: Dataset | StreamLike,
    options: TrainOptions,
  ): AsyncGenerator<TrainingRecord, void> {
    const checked = await trainOptions("fit", options, RECORD_OPTION);
    const { model, made, state } = this.#session;
    const { checkpoints } = checked;
    const saver = checkpoints && (await this.#saverTo(checkpoints));
    let end: "left" | "aborted" | "failed" = "left";
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
      const fronted = isStream(data) ? undefined : await this.#fronted(data, checked, resumed);
      const records = isStream(data)
        ? (await import("./session-extras.js")).trainStream(context, data, checked, resumed)
        : train(context, fronted?.data ?? data, fronted?.options ?? checked, resumed);
      for await (const record of records) {
        saver?.look();
        const told = record.kind === "epoch-end" && fronted && { frozenFront: fronted.told };
        yield told ? { ...record, ...told } : record;
      }
    } catch (error) {
      end = isHoneError(error, "Aborted") ? "aborted" : "failed";
      throw error;
    } finally {
      await this.#end(end);
      if (end !== "failed") await saver?.finish();
    }
  }

  async #saverTo(checkpoints: CheckpointOptions): Promise<CheckpointSaver> {
    const { CheckpointSaver } = await import("./session-extras.js");
    const { model, made } = this.#session;
    const take = async () => (await made().kept()).checkpoint();
    return new CheckpointSaver(checkpoints, take, (warning) => model.warn(warning));
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
    const { batchOf, checkBatchOptions } = await import("./session-extras.js");
    checkBatchOptions(options);
    const { sampleWeight } = options;
    const given = { x, y, sampleWeights: sampleWeight };
    const { model, batch } = await batchOf(this.#session.model, given);
    const state = this.#made();
    checkWeighable(this.#session.model.captured.setup.terms, "sampleWeight", sampleWeight);
    await state.bring();
    return this.#stepOnBatch(state, model, batch, options);
  }

  async evaluate(dataset: Dataset, options: EvaluateOptions): Promise<Evaluation> {
    (await import("./fit-extras.js")).checkEvaluateOptions(options);
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

  async explain(
    { target }: Device,
    options: { readonly batchSize?: number },
  ): Promise<Explanation> {
    checkOptions("explain", options, { batchSize: TRAIN_OPTIONS.batchSize });
    const { explainStep } = await import("./session-extras.js");
    const { traced, setup } = this.#session.model.captured;
    const threads = (await this.#session.state()?.home.owner.threads()) ?? {};
    return explainStep(traced, setup, target, { batchSize: options.batchSize ?? 64, threads });
  }

  /** Takes one step on rows, and goes on elsewhere if the device fails in it. */
  async #stepOnBatch(
    state: SessionState,
    model: TracedModel,
    batch: BatchRows,
    options: BatchStepOptions,
  ): Promise<BatchFigures> {
    const { home, counts, parts } = state;
    const past = pastOf(state);
    const { snapshots, journal } = past;
    const { BatchSteps, bytesOf, copied } = await import("./session-extras.js");
    this.#batches ??= new BatchSteps(home, parts.captured.setup, counts);
    const batches = this.#batches;
    if (past.unfinished) past.forgetUnfinished();
    state.takesBatches = true;
    const found = await state.surviving(() => batches.step(model, batch, options));
    // Without another device there is nobody to take it again.
    if (parts.failover.options.backends.length > 0) {
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

  /** What the layers that stand still below all that train give for the data, where that can be computed beforehand. */
  async #fronted(
    data: Dataset,
    options: TrainOptions,
    resumed: RunMark | undefined,
  ): Promise<FrontedTraining | undefined> {
    const { model } = this.#session;
    const { frozenFront = true, augment } = { ...resumed?.options, ...options };
    const stands = ({ role, trainable }: WeightInfo) => role === "parameter" && !trainable;
    if (!frozenFront || augment) return undefined;
    if (!model.isOpen && !model.captured.traced.weights.some(stands)) return undefined;
    this.#late = await import("./frozen-fronts.js");
    this.#fronts ??= new this.#late.FrozenFronts();
    const fronts = this.#fronts;
    const take = async () => {
      const parts = await this.#partsFor(data);
      return parts.engine.during(() => fronts.take(parts, data, options));
    };
    // Where the data have to say first what the model is, there is nothing yet to survive.
    return this.#session.state()?.surviving(take) ?? take();
  }

  /** What was left in the middle is kept, to go on with; where it failed there is nothing to keep. */
  async #end(how: "left" | "aborted" | "failed"): Promise<void> {
    const state = this.#session.state();
    try {
      if (state?.run && how !== "failed") {
        const past = pastOf(state);
        const snapshot = () => past.snapshotNow();
        // Who aborts waits for no other device: it would go on from the newest snapshot, and later does.
        const ifLost = (error: unknown) => {
          if (!isOfDevice(error)) throw error;
          return past.snapshots.newest;
        };
        const taken = how === "left" ? state.surviving(snapshot) : snapshot().catch(ifLost);
        past.snapshots.reset(await taken);
      }
    } finally {
      if (state) {
        state.run = undefined;
        state.keeping?.survival.rested();
      }
    }
  }

  /** The training to go on with. @throws BadArgument where there is none */
  #takeUnfinished(resume: boolean | undefined): RunMark | undefined {
    const goesOn = resume ?? this.#resumes;
    this.#resumes = false;
    const { resume: checkpoint } = this.#session;
    const state = this.#session.state();
    const past = state && pastOf(state);
    const unfinished = past ? past.unfinished : checkpoint && runMarkOf(checkpoint);
    // One that is over has figures to give, and more epochs may be wanted; but nobody resumes it in so many words.
    if (goesOn && unfinished && !(resume && isOver(unfinished))) return unfinished;
    if (resume) {
      const what = "no training was left in the middle. Leave it out for a new one.";
      throw new HoneError("BadArgument", "resume", what);
    }
    past?.forgetUnfinished();
    return undefined;
  }

  /** What a data set is trained or judged with. */
  async #partsFor(
    dataset: Dataset,
    { isValid = false }: { readonly isValid?: boolean } = {},
  ): Promise<TrainingParts> {
    if (!isValid) validateDataset(dataset);
    const { model } = this.#session;
    const rest = this.#late?.modelOfFeatures(dataset);
    const traced = rest ?? modelFor(model, dataset);
    const state = this.#made();
    await state.bring();
    if (!rest) learnScales(model, traced, dataset);
    learnClassNames(model, traced, dataset);
    const { setup } = model.captured;
    return { engine: await state.home.onDevice(), model: traced, setup };
  }

  async #evaluated(dataset: Dataset, options: EvaluateOptions): Promise<Evaluation> {
    const { evaluate } = await import("./fit-extras.js");
    const { engine, model, setup } = await this.#partsFor(dataset);
    return engine.during(() => evaluate({ engine, model, setup }, dataset, options));
  }

  #made(): SessionState {
    const state = this.#session.made();
    const { resume, captured } = state.parts;
    if (resume && !this.#isChecked) this.#session.checkResumed?.(resume, captured);
    this.#isChecked = true;
    return state;
  }
}
