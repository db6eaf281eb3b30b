/** What `compile` gives: a model that learns, judges and predicts on one device. */
import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { TracedModel } from "../graph/template.js";
import type { Dataset } from "./dataset.js";
import { Engine } from "./engine.js";
import { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
import { type Explanation, explainStep } from "./explain.js";
import { LocalPredictions } from "./local-predictions.js";
import { predict, type Rows } from "./predict.js";
import { type EpochEnd, type History, historyOf, type TrainingRecord } from "./records.js";
import { type TensorLike, toRows } from "./rows.js";
import { type TrainingSetup, type TrainingState, type TrainOptions, train } from "./train.js";

/** The values of one weight. */
export interface Weight {
  /** As the model names it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}

export interface SessionParts<Model> {
  readonly device: Device;
  readonly traced: TracedModel;
  /** In model order. */
  readonly weights: readonly Float32Array[];
  readonly setup: TrainingSetup;
  readonly writeBack: (model: Model, values: readonly Float32Array[]) => void;
  /** Makes small predictions, on the calling thread; closed with `device`. */
  readonly local?: Device | undefined;
}

export class Session<Model = unknown> {
  readonly device: Device;
  /** What the tracer wants the user to know. */
  readonly warnings: readonly string[];
  readonly #engine: Engine;
  readonly #local: LocalPredictions | undefined;
  readonly #parts: SessionParts<Model>;
  readonly #state: TrainingState = { step: 0, epochs: 0 };
  #training = false;

  constructor(parts: SessionParts<Model>) {
    this.#parts = parts;
    this.device = parts.device;
    this.warnings = parts.traced.warnings;
    const { device, local, traced: model, weights } = parts;
    const { seed } = parts.setup;
    const engine = new Engine(device, model, weights, seed);
    this.#engine = engine;
    this.#local = local && new LocalPredictions({ local, engine, model, weights, seed });
  }

  /** What moves the weights: as given to `compile`, or the model's own. */
  get optimizer(): Optimizer {
    return this.#parts.setup.optimizer;
  }

  /** Steps taken so far. */
  get step(): number {
    return this.#state.step;
  }

  /**
   * Trains while you look on: an async iterator of `progress` and `epoch-end` records. Pause by not
   * asking for the next one, stop by `break`. A second call goes on from where the first ended.
   * @throws BadArgument, BadData, ShapeMismatch, Diverged, Aborted, DeviceLost
   */
  async *steps(dataset: Dataset, options: TrainOptions = {}): AsyncGenerator<TrainingRecord, void> {
    if (this.#training) {
      throw new HoneError(
        "BadArgument",
        "session",
        "it is training already. Wait for that to end.",
      );
    }
    this.#training = true;
    try {
      yield* train(this.#engine, this.#parts.setup, this.#state, dataset, options);
    } finally {
      this.#training = false;
    }
  }

  /** `steps`, drained. `onRecord` sees each record. @throws as `steps` */
  async fit(
    dataset: Dataset,
    options: TrainOptions & { readonly onRecord?: (record: TrainingRecord) => void } = {},
  ): Promise<History> {
    const epochs: EpochEnd[] = [];
    const before = this.#state.step;
    let images = 0;
    for await (const record of this.steps(dataset, options)) {
      options.onRecord?.(record);
      if (record.kind !== "epoch-end") continue;
      epochs.push(record);
      images += record.imagesPerSecond * record.seconds;
    }
    return historyOf(epochs, this.#state.step - before, images);
  }

  /** Loss, accuracy, confusion matrix, precision and recall per class. @throws ShapeMismatch, BadData */
  evaluate(dataset: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    return evaluate(this.#engine, this.#parts.setup, dataset, options);
  }

  /**
   * Outputs for rows [rows, …inputShape]: a typed array (one row, or several), a tf.Tensor, or
   * `{ data, shape }`; values scaled as the model expects. @throws ShapeMismatch, BadData
   */
  async predict(x: Float32Array | Rows | TensorLike): Promise<Rows> {
    return predict(this.#engine, await toRows(x, this.#engine.model.inputShape), this.#local);
  }

  /** Copies of all weights, in model order. */
  async weights(): Promise<Weight[]> {
    const values = await this.#engine.readWeights();
    return this.#parts.traced.weights.map(({ label, shape, trainable }, index) => ({
      name: label,
      shape,
      trainable,
      values: values[index] as Float32Array,
    }));
  }

  /** Gives the tf.LayersModel the weights as they are now. */
  async writeBack(model: Model): Promise<void> {
    this.#parts.writeBack(model, await this.#engine.readWeights());
  }

  /** What a training step of this batch size computes: ops, FLOPs, bytes, memory. Runs nothing. */
  explain(options: { readonly batchSize?: number } = {}): Explanation {
    const { traced, setup, device } = this.#parts;
    return explainStep(traced, setup, device.target, options.batchSize ?? 64);
  }

  /** Frees what the session holds on the device; the device itself stays open. */
  close(): void {
    this.#engine.close();
    this.#local?.close();
  }
}
