/** The entries one epoch needs: steps of the batch size, and the short last one. */
import type { Augment } from "../graph/augment.js";
import type { DataSpec } from "../graph/feeds.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { StepCapacity } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";
import type { Entry } from "../plan/program.js";
import { permutation } from "../random.js";
import type { Engine } from "./engine.js";
import { prepareStep } from "./fitting-steps.js";
import type { HeldData } from "./resident-sets.js";
import type { TrainingSetup } from "./setup.js";
import { TrainingStepper } from "./training-stepper.js";

const nextPowerOfTwo = (value: number) => 2 ** Math.ceil(Math.log2(Math.max(1, value)));

export interface EpochPlan {
  /** From 0, over all calls of `steps`. */
  readonly epoch: number;
  /** Global number of the epoch's first step. */
  readonly firstStep: number;
  readonly shuffle: boolean;
  readonly learningRate: (step: number) => number;
}

/** What the steps of a training are made of. */
export interface StepOptions {
  readonly model: TracedModel;
  readonly setup: TrainingSetup;
  readonly data: DataSpec;
  readonly rows: number;
  readonly batchSize: number;
  readonly classWeights?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Of the images; none unless given. */
  readonly augment?: Augment | undefined;
  /** As `fit` takes it. */
  readonly accumulate?: boolean | number | undefined;
}

/** The weights' names, for an optimizer that tells them apart. */
export function labelsFor(
  { factors }: Optimizer,
  { weights }: TracedModel,
): { readonly labels?: Readonly<Record<string, string>> } {
  if (factors === undefined) return {};
  return { labels: Object.fromEntries(weights.map(({ name, label }) => [name, label])) };
}

export class StepEntries {
  readonly rows: number;
  readonly batchSize: number;
  /** Steps an epoch takes. */
  readonly steps: number;
  /** Leads the steps, and reads what they record. */
  readonly stepper: TrainingStepper;
  readonly #engine: Engine;
  readonly #options: StepOptions;
  readonly #entries: { whole?: Entry; rest?: Entry } = {};
  readonly #capacity: StepCapacity;

  private constructor(engine: Engine, options: StepOptions) {
    const { rows, batchSize, setup } = options;
    this.#engine = engine;
    this.#options = options;
    this.rows = rows;
    this.batchSize = batchSize;
    this.steps = Math.ceil(rows / batchSize);
    this.#capacity = {
      orderCapacity: nextPowerOfTwo(rows),
      scheduleCapacity: nextPowerOfTwo(this.steps),
    };
    this.stepper = new TrainingStepper(() => engine.executable, setup, this.#capacity);
  }

  /** Plans and loads what is missing, and holds it. @throws ShapeMismatch, UnsupportedModel, LacksOp, OutOfMemory */
  static async prepare(engine: Engine, options: StepOptions): Promise<StepEntries> {
    const { rows, batchSize } = options;
    const entries = new StepEntries(engine, options);
    const rest = rows % batchSize;
    try {
      if (rows >= batchSize) entries.#entries.whole = await entries.#prepare(batchSize);
      if (rest > 0) entries.#entries.rest = await entries.#prepare(rest);
    } catch (error) {
      for (const entry of entries.all) engine.letGo(entry);
      throw error;
    }
    return entries;
  }

  /** Held, until whoever has them lets them go. */
  get all(): Entry[] {
    return Object.values(this.#entries);
  }

  /** On how many threads its steps ran since that was last asked; undefined where that is not known. */
  threadsTaken(): Promise<number | undefined> {
    return this.#engine.threadsTaken(this.all);
  }

  #prepare(rows: number): Promise<Entry> {
    const { model, setup, data, classWeights, augment, batchSize } = this.#options;
    const options = {
      optimizer: setup.optimizer,
      terms: setup.terms,
      data,
      stride: batchSize,
      ...this.#capacity,
      ...(classWeights && { classWeights }),
      ...(augment && { augment }),
      ...labelsFor(setup.optimizer, model),
    };
    const key = JSON.stringify(["train", rows, options, model.inputs]);
    const { accumulate } = this.#options;
    const title = `train@${rows}`;
    return prepareStep(this.#engine, { title, key, model, options, rows, accumulate });
  }

  /** Rows that step `index` of the epoch takes. */
  rowsOf(index: number): number {
    return Math.min(this.batchSize, this.rows - index * this.batchSize);
  }

  /** Sends the epoch's order and schedule. */
  begin({ epoch, firstStep, shuffle, learningRate }: EpochPlan): void {
    const order = shuffle
      ? permutation(this.rows, this.#options.setup.seed, epoch)
      : Int32Array.from({ length: this.rows }, (_, row) => row);
    this.stepper.begin({ firstStep, steps: this.steps, order, learningRate });
  }

  /** Enqueues up to `count` steps from step `index` of the epoch. @returns how many */
  enqueue(held: HeldData, firstStep: number, index: number, count: number): number {
    const complete = Math.floor(this.rows / this.batchSize);
    const { whole, rest } = this.#entries;
    if (index < complete && whole !== undefined) {
      const steps = Math.min(count, complete - index);
      held.run(whole, { first: firstStep + index, steps });
      return steps;
    }
    held.run(rest as Entry, { first: firstStep + index, steps: 1 });
    return 1;
  }
}
