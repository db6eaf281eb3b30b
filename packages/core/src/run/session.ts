/** What `compile` gives: a model that learns, judges and predicts on one device. */
import type { Device } from "../backend.js";
import { HoneError, invariant } from "../errors.js";
import { slotNames } from "../graph/apply-optimizer.js";
import { sizeOf } from "../graph/geometry.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { TracedModel } from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import {
  type BatchRows,
  byPort,
  type NamedRows,
  readLabels,
  readSampleWeights,
  shapesOf,
} from "./batch-rows.js";
import { checkWeighable, planInputs } from "./data-plan.js";
import { type Dataset, inputNames, validateDataset } from "./dataset.js";
import { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
import { type Explanation, explainStep } from "./explain.js";
import {
  TFJS_BATCH_OPTIONS,
  TFJS_EVALUATE_OPTIONS,
  TRAIN_OPTIONS,
  type TrainOptions,
  trainOptions,
} from "./fit-options.js";
import { Home } from "./home.js";
import { InputScales } from "./input-scales.js";
import { checkOptions, isCount, isFunction, isObject, isRate } from "./options.js";
import { type Prediction, predict, predictionSteps } from "./predict.js";
import { type EpochEnd, type History, historyOf, type TrainingRecord } from "./records.js";
import { type DeclaredInput, type ReadRows, type RowsLike, readRows } from "./rows.js";
import type { TrainingSetup } from "./setup.js";
import { isStream, type StreamBatch, type StreamLike } from "./stream.js";
import { train } from "./train.js";
import type { TrainingParts, TrainingState } from "./train-epoch.js";
import { type BatchFigures, BatchSteps } from "./train-on-batch.js";
import { trainStream } from "./train-stream.js";
import { knownPartsOf } from "./validation.js";

/** The values of one weight. */
export interface Weight {
  /** As the model names it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}

/** Arrays have `values` too: a method. */
const isWeight = (given: ArrayLike<number> | Weight): given is Weight =>
  ArrayBuffer.isView((given as Partial<Weight> | undefined | null)?.values);

/** A model as it was captured for rows of certain shapes. */
export interface Captured {
  readonly traced: TracedModel;
  /** In model order. */
  readonly weights: readonly Float32Array[];
  readonly setup: TrainingSetup;
}

export interface SessionParts<Model> {
  readonly device: Device;
  /** Of the model, in its order; null where an extent is free. */
  readonly inputs: readonly DeclaredInput[];
  /** The model for rows of these shapes, by input; needed only where it leaves extents free. */
  readonly capture: (rowShapes?: Readonly<Record<string, Shape>>) => Captured;
  readonly writeBack: (model: Model, values: readonly Float32Array[]) => void;
  /** Values for the weights: from another model built alike, or as they are. */
  readonly valuesOf: (given: unknown) => readonly ArrayLike<number>[];
  /** Makes small steps and predictions, on the calling thread; closed with `device`. */
  readonly local?: Device | undefined;
}

/** Options of one step. */
export interface BatchOptions {
  /** Weights of the rows in the loss: of all outputs, or by output. */
  readonly sampleWeight?: RowsLike | Readonly<Record<string, RowsLike>>;
  /** Weights of the classes in the loss, by output where there are several. */
  readonly classWeight?: TrainOptions["classWeight"];
  /** The optimizer's own unless given. */
  readonly learningRate?: number;
}

const BATCH_OPTIONS = {
  sampleWeight: { is: isObject, wanted: "one weight a row" },
  classWeight: { is: isObject, wanted: "{ class: weight, … }" },
  learningRate: { is: isRate, wanted: "a number from 0 on" },
} as const;
const EVALUATE_OPTIONS = {
  batchSize: { is: isCount, wanted: "a whole number above 0" },
  signal: TRAIN_OPTIONS.signal,
} as const;
const RECORD_OPTION = { onRecord: { is: isFunction, wanted: "a function of a record" } } as const;

/** What there is once the model is captured for the first rows. */
interface Begun {
  readonly captured: Captured;
  readonly home: Home;
  readonly batches: BatchSteps;
}

export class Session<Model = unknown> {
  readonly device: Device;
  readonly #parts: SessionParts<Model>;
  readonly #state: TrainingState = { step: 0, epochs: 0 };
  readonly #scales = new InputScales();
  readonly #models = new Map<string, TracedModel>();
  readonly #warnings: string[] = [];
  #first: Begun | undefined;
  #training = false;

  constructor(parts: SessionParts<Model>) {
    this.#parts = parts;
    this.device = parts.device;
    // A model that leaves nothing free is refused, or not, before anything else happens.
    if (!parts.inputs.some(({ shape }) => shape.includes(null))) this.#modelFor();
  }

  /** What the user should know: of the model, and of what the session was given since. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** What moves the weights: as given to `compile`, or the model's own. */
  get optimizer(): Optimizer {
    return this.#made("optimizer").captured.setup.optimizer;
  }

  /** Steps taken so far. */
  get step(): number {
    return this.#state.step;
  }

  /**
   * Trains while you look on: an async iterator of `progress` and `epoch-end` records. Pause by not
   * asking for the next one, stop by `break`. A second call goes on from where the first ended.
   * @param data a data set, or batches or shards in turn: an async iterable, or a tf.data data set
   * @throws BadArgument, BadData, ShapeMismatch, Diverged, Aborted, DeviceLost
   */
  async *steps(
    data: Dataset | StreamLike,
    options: TrainOptions = {},
  ): AsyncGenerator<TrainingRecord, void> {
    const checked = trainOptions("fit", options, RECORD_OPTION);
    this.#beginTraining();
    try {
      if (isStream(data)) {
        yield* trainStream(this.#streamContext(), data, checked);
      } else {
        yield* train(await this.#trainingParts(data), data, checked);
      }
    } finally {
      this.#training = false;
    }
  }

  /** `steps`, drained. `onRecord` sees each record. @throws as `steps` */
  async fit(
    data: Dataset | StreamLike,
    options: TrainOptions & { readonly onRecord?: (record: TrainingRecord) => void } = {},
  ): Promise<History> {
    const epochs: EpochEnd[] = [];
    const before = this.#state.step;
    for await (const record of this.steps(data, options)) {
      options.onRecord?.(record);
      if (record.kind === "epoch-end") epochs.push(record);
    }
    return historyOf(epochs, this.#state.step - before);
  }

  /**
   * Takes one step on these rows, as tfjs's trainOnBatch does.
   * @param x rows of the input, or by input's name (or in the model's order) where there are several
   * @param y labels, likewise by output; left out where a loss reads none
   * @returns loss and metrics of the rows as they were before the step
   * @throws BadArgument, BadData, ShapeMismatch, DeviceLost
   */
  async trainOnBatch(
    x: RowsLike | NamedRows,
    y?: RowsLike | NamedRows,
    options: BatchOptions = {},
  ): Promise<BatchFigures> {
    checkOptions("trainOnBatch", options, BATCH_OPTIONS, TFJS_BATCH_OPTIONS);
    this.#beginTraining();
    try {
      const { sampleWeight } = options;
      const { model, batch } = await this.#batchOf({ x, y, sampleWeights: sampleWeight });
      const { captured } = this.#made("trainOnBatch");
      checkWeighable(captured.setup.terms, "sampleWeight", sampleWeight);
      return await this.#made("trainOnBatch").batches.step(model, batch, options);
    } finally {
      this.#training = false;
    }
  }

  /** Loss and metrics; and for each output whose loss takes classes confusion matrix, precision and recall. @throws ShapeMismatch, BadData */
  async evaluate(dataset: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    checkOptions("evaluate", options, EVALUATE_OPTIONS, TFJS_EVALUATE_OPTIONS);
    const { engine, model, setup } = await this.#trainingParts(dataset);
    return evaluate({ engine, model, setup }, dataset, options);
  }

  /**
   * Outputs for rows [rows, …shape]: a typed array (one row, or several), nested arrays, a tf.Tensor, or
   * `{ data, shape }`; by input's name, or as a list in the model's order, where there are several. Bytes are scaled as
   * the data set was that the session has learned from, all else is taken as it is.
   * @throws ShapeMismatch, BadData
   */
  async predict(x: RowsLike | NamedRows): Promise<Prediction> {
    const { rows, inputs } = await this.#inputsOf(x, "predict");
    const model = this.#modelFor(shapesOf(inputs));
    const { home } = this.#made("predict");
    for (const [name, { data }] of inputs) {
      const warning = this.#scales.warningFor(name, data);
      if (warning) this.#warn(warning);
    }
    const data = model.inputs.map(({ name }) => (inputs.get(name) as ReadRows).data);
    const first = home.takePredictionSteps(predictionSteps(rows));
    return predict(await home.forPrediction(rows), model, data, rows, first);
  }

  /** Copies of all weights, in the order the model had them in when it was compiled. */
  async weights(): Promise<Weight[]> {
    const { home, captured } = this.#made("weights");
    const values = await home.owner.readWeights();
    return captured.traced.weights.map(({ label, shape, trainable }, index) => ({
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
    const { home, captured } = this.#made("setWeights");
    const values = Array.isArray(given)
      ? given.map((one) => (isWeight(one) ? one.values : one))
      : this.#parts.valuesOf(given);
    const { weights } = captured.traced;
    if (values.length !== weights.length) {
      const what = `${values.length} arrays were given, the model has ${weights.length} weights. Give one for each.`;
      throw new HoneError("ShapeMismatch", "setWeights", what);
    }
    const arrays = weights.map(({ label, shape }, index) => {
      const array = values[index] as ArrayLike<number>;
      if (array?.length !== sizeOf(shape)) {
        const what = `weight "${label}" is [${shape}], ${array?.length ?? "no"} values were given. Give ${sizeOf(shape)}.`;
        throw new HoneError("ShapeMismatch", "setWeights", what);
      }
      return Float32Array.from(array);
    });
    (await home.settled()).writeWeights(arrays);
  }

  /** Gives the tf.LayersModel the weights as they are now. @throws ShapeMismatch for one built otherwise */
  async writeBack(model: Model): Promise<void> {
    this.#parts.writeBack(model, await this.#made("writeBack").home.owner.readWeights());
  }

  /**
   * Takes a data set off the device, which otherwise keeps the last few. Parts that `validation` made of it go too.
   * @throws BadArgument while it is in use
   */
  release(dataset: Dataset): void {
    const home = this.#first?.home;
    const sets = [dataset, ...knownPartsOf(dataset)];
    if (sets.map((set) => home?.forget(set) ?? true).every((gone) => gone)) return;
    const what = `data set "${dataset.name}" is in use. Wait for that to end.`;
    throw new HoneError("BadArgument", "release", what);
  }

  /** What a training step of this batch size computes: ops, FLOPs, bytes, memory. Runs nothing. */
  explain(options: { readonly batchSize?: number } = {}): Explanation {
    checkOptions("explain", options, { batchSize: EVALUATE_OPTIONS.batchSize });
    const { traced, setup } = this.#made("explain").captured;
    return explainStep(traced, setup, this.device.target, options.batchSize ?? 64);
  }

  /** Frees what the session holds on the device; the device itself stays open. */
  close(): void {
    this.#first?.home.close();
  }

  #beginTraining(): void {
    if (this.#training) {
      const what = "it is training already. Wait for that to end.";
      throw new HoneError("BadArgument", "session", what);
    }
    this.#training = true;
  }

  /** What a data set is trained or judged with. */
  async #trainingParts(dataset: Dataset): Promise<TrainingParts> {
    validateDataset(dataset);
    const names = inputNames(dataset);
    const { inputs } = this.#parts;
    const column = (name: string) => (inputs.length === 1 ? names[0] : name) as string;
    const shapes = inputs.flatMap(({ name }) => {
      const known = dataset.columns[column(name)];
      return known ? [[name, known.shape] as const] : [];
    });
    const model = this.#modelFor(Object.fromEntries(shapes));
    const { home, captured } = this.#made("session");
    const { setup } = captured;
    this.#scales.learn(dataset, planInputs(model, dataset).inputs);
    return { engine: await home.onDevice(), model, setup, state: this.#state };
  }

  /** The model for rows of these shapes, by input; captured when they are met first. */
  #modelFor(shapes: Readonly<Record<string, Shape>> = {}): TracedModel {
    const free = this.#parts.inputs.filter(({ shape }) => shape.includes(null));
    const key = JSON.stringify(free.map(({ name }) => shapes[name]));
    const known = this.#models.get(key);
    if (known) return known;
    const named = free.flatMap(({ name }) => (shapes[name] ? [[name, shapes[name]] as const] : []));
    const captured = this.#parts.capture(Object.fromEntries(named));
    const { traced, setup, weights: values } = captured;
    if (this.#first === undefined) {
      const { device, local } = this.#parts;
      const slots = slotNames(setup.optimizer).map((slot) => `slots.${slot}`);
      const parts = { device, local, weights: traced.weights, values, slots, seed: setup.seed };
      const home = new Home(parts);
      this.#first = { captured, home, batches: new BatchSteps(home, setup, this.#state) };
    }
    for (const warning of traced.warnings) {
      if (!this.#warnings.includes(warning)) this.#warnings.push(warning);
    }
    this.#models.set(key, traced);
    return traced;
  }

  /** @throws BadArgument while the model waits for data to say its input's shape */
  #made(what: string): Begun {
    if (this.#first === undefined) this.#modelFor();
    const begun = this.#first;
    invariant(begun, what, "the model is not captured");
    return begun;
  }

  /** Rows, labels and weights of one batch, and the model for them. */
  async #batchOf(given: StreamBatch): Promise<{ model: TracedModel; batch: BatchRows }> {
    const { rows, inputs } = await this.#inputsOf(given.x as RowsLike, "trainOnBatch");
    const model = this.#modelFor(shapesOf(inputs));
    const labels = await readLabels(given.y as RowsLike | undefined, model.outputs, rows);
    const weights = given.sampleWeights as RowsLike | undefined;
    const sampleWeights = await readSampleWeights(weights, labels, rows);
    return { model, batch: { rows, inputs, labels, sampleWeights } };
  }

  #streamContext() {
    return {
      partsFor: (shard: Dataset) => this.#trainingParts(shard),
      readBatch: async (given: StreamBatch) => {
        const { batch } = await this.#batchOf(given);
        const { captured } = this.#made("fit");
        checkWeighable(captured.setup.terms, "sampleWeights", given.sampleWeights);
        return batch;
      },
    };
  }

  async #inputsOf(
    x: RowsLike | NamedRows,
    where: string,
  ): Promise<{ readonly rows: number; readonly inputs: ReadonlyMap<string, ReadRows> }> {
    const { inputs } = this.#parts;
    const given = byPort(
      x,
      inputs.map(({ name }) => name),
      where,
      "input",
    );
    const read = new Map<string, ReadRows>();
    for (const input of inputs) {
      const rows = given.get(input.name) as RowsLike;
      read.set(input.name, await readRows(rows, input, this.#scales.of(input.name), where));
    }
    const counts = [...read.values()].map(({ rows }) => rows);
    const rows = counts[0] ?? 0;
    if (counts.some((count) => count !== rows)) {
      const what = `the inputs have ${counts.join(", ")} rows. Give all of them the same number.`;
      throw new HoneError("ShapeMismatch", where, what);
    }
    return { rows, inputs: read };
  }

  #warn(warning: string): void {
    this.#warnings.push(warning);
    console.warn(`[hone] ${warning}`);
  }
}
