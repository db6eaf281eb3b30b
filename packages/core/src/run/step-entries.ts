/** The entries one epoch needs: steps of the batch size, and the short last one. */

import { scheduleRow } from "../graph/apply-optimizer.js";
import type { Augment } from "../graph/augment.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import { permutation } from "../random.js";
import type { Dataset } from "./dataset.js";
import { dataSpec, type Engine, type HeldData } from "./engine.js";
import type { TrainingSetup } from "./train.js";

const nextPowerOfTwo = (value: number) => 2 ** Math.ceil(Math.log2(Math.max(1, value)));

export interface EpochPlan {
  /** From 0, over all calls of `steps`. */
  readonly epoch: number;
  /** Global number of the epoch's first step. */
  readonly firstStep: number;
  readonly shuffle: boolean;
  readonly learningRate: (step: number) => number;
}

export interface StepOptions {
  readonly batchSize: number;
  /** Of the images; none unless given. */
  readonly augment?: Augment | undefined;
}

export class StepEntries {
  readonly rows: number;
  readonly batchSize: number;
  /** Steps an epoch takes. */
  readonly steps: number;
  readonly #engine: Engine;
  readonly #setup: TrainingSetup;
  readonly #augment: Augment | undefined;
  readonly #names: { whole?: string; rest?: string } = {};
  readonly #order: string;
  readonly #schedule: string;

  private constructor(
    engine: Engine,
    setup: TrainingSetup,
    { rows, batchSize, augment }: StepOptions & { readonly rows: number },
  ) {
    this.#engine = engine;
    this.#setup = setup;
    this.#augment = augment;
    this.rows = rows;
    this.batchSize = batchSize;
    this.steps = Math.ceil(rows / batchSize);
    this.#order = `order:${nextPowerOfTwo(rows)}`;
    this.#schedule = `schedule:${nextPowerOfTwo(this.steps)}`;
  }

  /** Plans and loads what is missing. @throws ShapeMismatch, UnsupportedModel, BackendUnavailable */
  static async prepare(
    engine: Engine,
    setup: TrainingSetup,
    dataset: Dataset,
    options: StepOptions,
  ): Promise<StepEntries> {
    const { batchSize } = options;
    const entries = new StepEntries(engine, setup, { ...options, rows: dataset.rows });
    const rest = dataset.rows % batchSize;
    if (dataset.rows >= batchSize)
      entries.#names.whole = await entries.#prepare(dataset, batchSize);
    if (rest > 0) entries.#names.rest = await entries.#prepare(dataset, rest);
    return entries;
  }

  async #prepare(dataset: Dataset, rows: number): Promise<string> {
    const { optimizer, loss, accuracy } = this.#setup;
    const options = {
      optimizer,
      loss,
      accuracy,
      data: dataSpec(dataset),
      stride: this.batchSize,
      orderCapacity: nextPowerOfTwo(this.rows),
      scheduleCapacity: nextPowerOfTwo(this.steps),
      ...(this.#augment && { augment: this.#augment }),
    };
    const entry = await this.#engine.prepare(
      `train@${rows}`,
      JSON.stringify(["train", rows, options]),
      () => trainingStep(atBatch(this.#engine.model.training, rows), options),
    );
    return entry.name;
  }

  /** Rows that step `index` of the epoch takes. */
  rowsOf(index: number): number {
    return Math.min(this.batchSize, this.rows - index * this.batchSize);
  }

  /** Sends the epoch's order and schedule. */
  begin({ epoch, firstStep, shuffle, learningRate }: EpochPlan): void {
    const { executable } = this.#engine;
    const order = shuffle
      ? permutation(this.rows, this.#setup.seed, epoch)
      : Int32Array.from({ length: this.rows }, (_, row) => row);
    const rows = Array.from({ length: this.steps }, (_, index) =>
      scheduleRow(this.#setup.optimizer, firstStep + index, learningRate(firstStep + index)),
    );
    executable.write(this.#order, order);
    executable.write(this.#schedule, Float64Array.from(rows.flat()));
    executable.write("epochStart", Int32Array.of(firstStep));
  }

  /** Enqueues up to `count` steps from step `index` of the epoch. @returns how many */
  enqueue(data: HeldData, firstStep: number, index: number, count: number): number {
    const whole = Math.floor(this.rows / this.batchSize);
    const { whole: name, rest } = this.#names;
    if (index < whole && name !== undefined) {
      const steps = Math.min(count, whole - index);
      data.run(name, { first: firstStep + index, steps });
      return steps;
    }
    data.run(rest as string, { first: firstStep + index, steps: 1 });
    return 1;
  }
}
