/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What `compile` gives: a model that learns, judges and predicts on a device, and moves to another one where it must. What
 * only some of this needs is loaded when it is asked for, so that a page that predicts is small.
 */
import type { Device } from "../backend.js";
import { disposable } from "../disposable.js";
import { HoneError, invariant } from "../errors.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { BatchOptions } from "./batch-options.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import type { Dataset } from "./dataset.js";
import type { EvaluateOptions, Evaluation } from "./evaluate.js";
import type { Explanation } from "./explain.js";
import type { FailoverPlan } from "./failover.js";
import type { TrainOptions } from "./fit-options.js";
import { type NamedRows, shapesOf } from "./named-rows.js";
import { checkOptions, SIGNAL_OPTION } from "./options.js";
import { type Prediction, type PredictOptions, predict, predictionSteps } from "./predict.js";
import type { History, Moved, TrainingRecord } from "./records.js";
import type { ReadRows, RowsLike } from "./rows.js";
import type { SavedAbout, SavedModel } from "./saved-model.js";
import { type Captured, type ModelParts, SessionModel } from "./session-model.js";
import { SessionState } from "./session-state.js";
import type { SessionTraining } from "./session-training.js";
import type { SharedWeights } from "./shared-weights.js";
import type { StreamLike } from "./stream-like.js";
import type { BatchFigures } from "./train-on-batch.js";
import { fittingValues, isWeight, type Weight } from "./weight-values.js";

export type { Captured } from "./session-model.js";
export type { Weight } from "./weight-values.js";

export interface SessionParts<Model> extends ModelParts {
  readonly device: Device;
  readonly writeBack: (model: Model, values: readonly Float32Array[]) => void;
  /** Values for the weights: from another model built alike, or as they are. */
  readonly valuesOf: (given: unknown) => readonly ArrayLike<number>[];
  /** Makes small steps and predictions, on the calling thread; closed with `device`. */
  readonly local?: Device | undefined;
  /** The like of `local` for another device. */
  readonly localOf?: (device: Device) => Promise<Device | undefined>;
  /** Whose weights this session shares; nobody's unless given. */
  readonly shared?: SharedWeights | undefined;
  /** Stands for each weight, in their order, once the model is captured; the same in every session that has it. */
  readonly variables?: () => readonly object[];
  readonly failover: FailoverPlan;
  /** The state to begin with. */
  readonly resume?: SessionCheckpoint | undefined;
  /** What the model is called, and its classes, by output. */
  readonly name?: string;
  readonly classNames?: Readonly<Record<string, readonly string[]>>;
  /** The bytes of a saved model's file. */
  readonly encode?: (model: SavedModel) => Promise<Uint8Array<ArrayBuffer>>;
  /** Refuses a checkpoint of another model before anything else; unless given that waits until it trains. */
  readonly checkResume?: ((resume: SessionCheckpoint, captured: Captured) => void) | undefined;
}

/** A model on a device. While one call trains a second that would is BadArgument, as all calls are after `close`. */
export class Session<Model = unknown> {
  readonly #parts: SessionParts<Model>;
  readonly #model: SessionModel;
  #state: SessionState | undefined;
  #training = false;
  #closed = false;
  #learner: SessionTraining | undefined;
  #shared: SharedWeights | undefined;
  /** `await using` closes it, where the language has that. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  constructor(parts: SessionParts<Model>) {
    this.#parts = parts;
    this.#model = new SessionModel(parts);
    this.#shared = parts.shared;
    if (parts.resume) this.#model.scales.restore(parts.resume.scales);
    // A model that leaves nothing free is refused, or not, before anything else happens.
    if (!this.#model.isOpen) this.#made();
    disposable(this);
  }

  /** The sessions that share weights with this one, from now on; for `compile`. */
  async sharing(): Promise<SharedWeights> {
    const { SharedWeights } = await import("./session-keeping.js");
    if (this.#shared) return this.#shared;
    this.#shared = new SharedWeights();
    this.#state?.join(this.#shared);
    return this.#shared;
  }

  /** Where it is now. */
  get device(): Device {
    return this.#state?.home.device ?? this.#parts.device;
  }

  /** What the user should know: of the model, and of what the session was given since. */
  get warnings(): readonly string[] {
    return this.#model.warnings;
  }

  /** What moves the weights: as given to `compile`, or the model's own. */
  get optimizer(): Optimizer {
    return this.#model.captured.setup.optimizer;
  }

  /** Steps taken so far. */
  get step(): number {
    return this.#state?.counts.step ?? this.#parts.resume?.step ?? 0;
  }

  /**
   * Trains while you look on: an async iterator of `progress`, `epoch-end` and `moved` records. Pause by not
   * asking for the next one, stop by `break`. A second call trains further; with `resume` it goes on in the middle of
   * what the first has left.
   * @param data a data set, or batches or shards in turn: an async iterable, or a tf.data data set
   * @throws BadArgument, BadData, ShapeMismatch, LacksOp, OutOfMemory, Diverged, Aborted, DeviceLost
   */
  async *steps(
    data: Dataset | StreamLike,
    options: TrainOptions = {},
  ): AsyncGenerator<TrainingRecord, void> {
    this.#beginTraining();
    try {
      yield* (await this.#learning()).steps(data, options);
    } finally {
      this.#endTraining();
    }
  }

  /** `steps`, drained, into figures of each epoch as tfjs's History has them. `onRecord` sees each record. @throws as `steps` */
  async fit(
    data: Dataset | StreamLike,
    options: TrainOptions & { readonly onRecord?: (record: TrainingRecord) => void } = {},
  ): Promise<History> {
    for await (const record of this.steps(data, options)) options.onRecord?.(record);
    return (await this.#learning()).history;
  }

  /**
   * Takes one step on these rows, as tfjs's trainOnBatch does.
   * @param x rows of the input, or by input's name (or in the model's order) where there are several
   * @param y labels, likewise by output; left out where a loss reads none
   * @returns loss and metrics of the rows as they were before the step
   * @throws BadArgument, BadData, ShapeMismatch, LacksOp, OutOfMemory, DeviceLost
   */
  async trainOnBatch(
    x: RowsLike | NamedRows,
    y?: RowsLike | NamedRows,
    options: BatchOptions = {},
  ): Promise<BatchFigures> {
    this.#beginTraining();
    try {
      return await (await this.#learning()).trainOnBatch(x, y, options);
    } finally {
      this.#endTraining();
    }
  }

  /** Loss and metrics; for outputs of classes confusion matrix, precision and recall. @throws BadArgument, BadData, ShapeMismatch, Aborted */
  async evaluate(dataset: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    return (await this.#learning()).evaluate(dataset, options);
  }

  /**
   * Outputs for rows [rows, …shape]: a typed array (one row, or several), nested arrays, a tf.Tensor, or
   * `{ data, shape }`; by input's name, or as a list in the model's order, where there are several. Bytes are scaled as
   * the data set was that the session has learned from, all else is taken as it is; far outside of its range they warn.
   * @throws BadArgument, BadData, ShapeMismatch, Aborted, DeviceLost
   */
  async predict(x: RowsLike | NamedRows, options: PredictOptions = {}): Promise<Prediction> {
    checkOptions("predict", options, { signal: SIGNAL_OPTION });
    const { rows, inputs } = await this.#model.inputsOf(x, "predict");
    const model = this.#model.forShapes(shapesOf(inputs));
    const state = this.#made();
    this.#model.warnOfRanges(inputs);
    const data = model.inputs.map(({ name }) => (inputs.get(name) as ReadRows).data);
    await state.bring();
    const first = state.home.takePredictionSteps(predictionSteps(rows));
    return state.surviving(async () => {
      const engine = await state.home.forPrediction(rows);
      return engine.during(() => predict(engine, model, data, rows, first, options.signal));
    });
  }

  /** Copies of all weights, in the order the model had them in when it was compiled. @throws DeviceLost */
  async weights(): Promise<Weight[]> {
    const values = await this.#readWeights();
    return this.#model.captured.traced.weights.map(({ label, shape, trainable }, index) => ({
      name: label,
      shape,
      trainable,
      values: values[index] as Float32Array,
    }));
  }

  /**
   * Replaces the weights; the optimizer's slots stay as they are.
   * @param given a model built alike, or one array (or what `weights()` gives) for each weight, in its order
   * @throws BadArgument, ShapeMismatch, before anything is written
   */
  async setWeights(given: Model | readonly (ArrayLike<number> | Weight)[]): Promise<void> {
    const state = this.#made();
    const values = Array.isArray(given)
      ? given.map((one) => (isWeight(one) ? one.values : one))
      : this.#parts.valuesOf(given);
    const { weights } = state;
    const arrays = fittingValues(weights, values);
    (await state.home.settled()).writeWeights(arrays);
    await (await state.remembered()).renew(
      new Map(weights.map(({ name }, index) => [name, arrays[index] as Float32Array])),
    );
    state.sharing?.moved("all");
  }

  /** Gives the tf.LayersModel, or one built alike, the weights as they are now. @throws ShapeMismatch for any other */
  async writeBack(model: Model): Promise<void> {
    this.#parts.writeBack(model, await this.#readWeights());
  }

  /**
   * All that decides how the session goes on, as plain data: weights, the optimizer's slots, counters, the training it is
   * in, to the step. At any time, while it trains too, which does not wait for it.
   * @throws BadArgument where a function decides the training; DeviceLost
   */
  async checkpoint(): Promise<SessionCheckpoint> {
    const state = this.#made();
    await state.bring();
    return (await state.kept()).checkpoint();
  }

  /**
   * The model as it is now, as plain data that needs no tfjs: what it computes, its weights, and all that it takes to
   * train on. What `compile` of @hone/core/runtime takes.
   * @param about its `name`, and `classNames` by output (or of the only one) where no data set has said them
   * A model that leaves extents free is saved for rows of the shape it has met first.
   * @throws BadArgument while the model waits for data to say its input's shape; DeviceLost
   */
  async saved(about: SavedAbout = {}): Promise<SavedModel> {
    const state = this.#made();
    await state.bring();
    const { name = "model", classNames } = this.#parts;
    const known = {
      name,
      classNames: { ...classNames, ...Object.fromEntries(this.#model.classNames) },
    };
    return (await state.kept()).saved(about, known);
  }

  /**
   * `saved()`, as the bytes of one file, which `openModel` reads: write them where you like, as in
   * `writeFile("digits.hone", await session.save())` or `new Blob([await session.save()])`. @throws as `saved`
   */
  async save(about: SavedAbout = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { encode } = this.#parts;
    invariant(encode, "session", "it has no writer");
    return encode(await this.saved(about));
  }

  /**
   * Goes on on another device, between two steps where it trains: with weights, slots, statistics, order and random
   * numbers as they are. The device before stays open.
   * @returns from where to where, at which step, and whether the arithmetic is the same; a training tells the same record
   * @throws BadArgument for what is no device; DeviceLost
   */
  async moveTo(device: Device): Promise<Moved> {
    return (await this.#made().kept()).moveTo(device);
  }

  /**
   * Takes a data set off the device, which otherwise keeps the last few. Parts that `validation` made of it go too.
   * @throws BadArgument while it is in use
   */
  release(dataset: Dataset): void {
    // Nothing is on the device before something has trained or judged.
    this.#learner?.release(dataset);
  }

  /** What a training step of this batch size (64 unless given) computes: ops, FLOPs, bytes, memory. Runs nothing. */
  async explain(options: { readonly batchSize?: number } = {}): Promise<Explanation> {
    return (await this.#learning()).explain(this.device, options);
  }

  /** Frees what the session holds on the device, which stays open unless the session has opened it. */
  close(): void {
    this.#closed = true;
    this.#state?.close();
  }

  #beginTraining(): void {
    if (this.#training) {
      const what = "it is training already. Wait for that to end.";
      throw new HoneError("BadArgument", "session", what);
    }
    this.#training = true;
  }

  #endTraining(): void {
    this.#training = false;
    this.#state?.sharing?.moved("trained");
  }

  async #learning(): Promise<SessionTraining> {
    const { resume, checkResume } = this.#parts;
    const [{ SessionTraining }, looks] = await Promise.all([
      import("./session-training.js"),
      resume && !checkResume && import("./session-keeping.js"),
    ]);
    this.#learner ??= new SessionTraining({
      ...(looks && { checkResumed: looks.checkResumed }),
      model: this.#model,
      resume: this.#parts.resume,
      made: () => this.#made(),
      state: () => this.#state,
    });
    return this.#learner;
  }

  async #readWeights(): Promise<Float32Array[]> {
    const state = this.#made();
    await state.bring();
    return state.surviving(async () => (await state.home.settled()).readWeights());
  }

  /** @throws BadArgument after `close`, and while the model waits for data to say its input's shape */
  #made(): SessionState {
    if (this.#closed) {
      throw new HoneError("BadArgument", "session", "it is closed. Compile the model again.");
    }
    if (this.#state) return this.#state;
    const { device, local, localOf, variables, failover, resume, checkResume } = this.#parts;
    const { captured } = this.#model;
    const { weights } = captured.traced;
    this.#state = new SessionState({
      device,
      captured,
      failover,
      local,
      localOf: localOf ?? (async () => undefined),
      variables: variables?.() ?? weights,
      scales: () => this.#model.scales.saved,
      resume,
      checkResume,
    });
    if (this.#shared) this.#state.join(this.#shared);
    return this.#state;
  }
}
