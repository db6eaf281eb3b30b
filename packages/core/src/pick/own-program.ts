/** The user's own program on a candidate's device: runs it, times it, and looks at what its first step did. */
import type { Device, TypedArray } from "../backend.js";
import { invariant } from "../errors.js";
import { gradientBuffer } from "../graph/backward.js";
import { predictionBuffer } from "../graph/prediction-step.js";
import { METRICS_RING } from "../graph/steps.js";
import { RandomStream } from "../random.js";
import { planInputs } from "../run/data-plan.js";
import {
  predictionInputs,
  type StandaloneSteps,
  standalonePrediction,
  standaloneTraining,
} from "../run/standalone.js";
import type { StepFigures } from "../run/training-stepper.js";
import type { Patience } from "./solve.js";
import type { Work } from "./work.js";

/** What the first step gave, to be compared with what it gave elsewhere. */
export interface FirstStep {
  readonly milliseconds: number;
  /** The loss of a training step; NaN for a prediction. */
  readonly loss: number;
  /** Gradients by their weight's label, or a prediction's outputs. */
  readonly values: readonly { readonly label: string; readonly data: TypedArray }[];
}

/** Far enough for a change of the loss to show in 32 bits, and near enough for little else to change. */
const SLOPE_DISTANCE = 0.1;
/** Of the loss: what rounding may change it by. */
const LEVEL_TOLERANCE = 1e-5;
const DIRECTION_SEED = 0x736c6f70;

export class OwnProgram {
  readonly mostSteps: number;
  readonly #work: Work;
  readonly #steps: StandaloneSteps;
  readonly #patience: Patience;
  readonly #trained: readonly TrainedWeight[];
  #taken = 0;

  private constructor(work: Work, steps: StandaloneSteps, patience: Patience) {
    this.#work = work;
    this.#steps = steps;
    this.#patience = patience;
    const { traced, weights } = work.captured;
    this.#trained = traced.weights
      .map((weight, index) => ({ ...weight, values: weights[index] as Float32Array }))
      .filter(({ name, trainable }) => trainable && steps.entry.buffers[name]);
    this.mostSteps = work.mode === "train" ? Math.min(steps.mostSteps, METRICS_RING) : 4096;
  }

  /** Plans and loads it. @throws as the device does, and as `patience` */
  static async load(device: Device, work: Work, patience: Patience): Promise<OwnProgram> {
    const { captured, batchSize, dataset } = work;
    const load = work.mode === "train" ? standaloneTraining : standalonePrediction;
    const loading = load({ ...captured, device, batchSize, dataset });
    return new OwnProgram(work, await patience(loading, "load"), patience);
  }

  /**
   * Runs the next steps and waits for them.
   * @returns milliseconds @throws as the device does, and as `patience`
   */
  async run(count: number): Promise<number> {
    this.#taken += count;
    if (this.#work.mode === "train") return this.#patience(this.#steps.run(count), "sync");
    const { executable, entry } = this.#steps;
    const inputs = this.#inputs();
    const outputs = this.#outputs();
    const beganMs = performance.now();
    for (let index = 0; index < count; index++) {
      for (const { name, values } of inputs) executable.write(name, values);
      executable.run(entry.name, { first: 0, steps: 1 });
      await this.#patience(executable.read(outputs), "read");
    }
    return performance.now() - beganMs;
  }

  /** The first step. @throws a string that says what is wrong with it */
  async first(): Promise<FirstStep> {
    if (this.#work.mode === "predict") return this.#firstPrediction();
    const first = await this.#firstTraining();
    await this.#checkZeroGradients(first);
    return first;
  }

  /** A gradient may be zero everywhere, but only where the loss is level too. */
  async #checkZeroGradients({ loss, values }: FirstStep): Promise<void> {
    for (const [tensor, { label, data }] of values.entries()) {
      if (data.some((value) => value !== 0) || !Number.isFinite(loss)) continue;
      const random = new RandomStream(DIRECTION_SEED, tensor + 1);
      const length = Math.sqrt(data.length);
      const direction = values.map((value, index) =>
        Float64Array.from({ length: value.data.length }, () =>
          index === tensor ? Math.sign(random.nextFloat() - 0.5) / length : 0,
        ),
      );
      const slope = await this.slope(direction, SLOPE_DISTANCE);
      if (Math.abs(slope) * SLOPE_DISTANCE > LEVEL_TOLERANCE * Math.abs(loss)) {
        throw `${label} is zero everywhere, though the loss depends on it`;
      }
    }
  }

  /**
   * The first of the steps so far, counted from 1, whose loss or gradient was not finite; and whether a later one was
   * finite again, which no training that went astray comes back to.
   */
  async firstNotFinite(): Promise<
    { readonly step: number; readonly recovered: boolean } | undefined
  > {
    if (this.#work.mode !== "train") return undefined;
    const from = Math.max(0, this.#taken - METRICS_RING);
    const figures = await this.#figures(from, this.#taken - from);
    const finite = figures.map(({ loss, norm }) => Number.isFinite(loss) && Number.isFinite(norm));
    const first = finite.indexOf(false);
    if (first < 0) return undefined;
    return { step: from + first + 1, recovered: finite.slice(first).includes(true) };
  }

  dispose(): void {
    this.#steps.dispose();
  }

  async #firstTraining(): Promise<FirstStep> {
    const { optimizer } = this.#work.captured.setup;
    const names = this.#trained.map(({ name }) => name);
    for (const [index, read] of (await this.#read(names)).entries()) {
      const { label, values } = this.#trained[index] as TrainedWeight;
      if (values.some((value, at) => !Object.is(Math.fround(read[at] as number), value))) {
        throw `${label} does not come back as it was written`;
      }
    }
    const milliseconds = await this.run(1);
    const gradients = names.map((name) => gradientBuffer(name));
    const [{ loss }] = (await this.#figures(0, 1)) as [StepFigures];
    const values = await this.#read([...names, ...gradients]);
    for (const [index, { label, values: start }] of this.#trained.entries()) {
      const end = values[index] as TypedArray;
      const step = largest(values[names.length + index] as TypedArray) * optimizer.learningRate;
      const isFree = optimizer.factors === undefined;
      const moves = isFree && (optimizer.kind === "adam" ? step > 0 : step > 1e-5 * largest(start));
      const still = start.every((value, at) => end[at] === value);
      if (moves && still && Number.isFinite(loss)) throw `${label} is never updated`;
    }
    return {
      milliseconds,
      loss,
      values: this.#trained.map(({ label }, index) => ({
        label: `the gradient of ${label}`,
        data: values[names.length + index] as TypedArray,
      })),
    };
  }

  /**
   * How steeply the loss of the first step rises along a direction in the space of all trained weights,
   * by central difference; afterwards the weights are what they were at first.
   * @param direction of length 1, one array for each of `first().values` @param distance to go each way
   */
  async slope(direction: readonly Float64Array[], distance: number): Promise<number> {
    const [after, before] = [
      await this.#lossAt(direction, distance),
      await this.#lossAt(direction, -distance),
    ];
    await this.#lossAt(direction, 0);
    return (after - before) / (2 * distance);
  }

  async #lossAt(direction: readonly Float64Array[], distance: number): Promise<number> {
    const { executable, entry, stepper } = this.#steps;
    for (const [index, { name, values }] of this.#trained.entries()) {
      const along = direction[index] as Float64Array;
      const moved = values.map((value, at) => value + distance * (along[at] as number));
      executable.write(name, moved);
    }
    // With a learning rate of 0 nothing moves, and the first step can be taken again.
    stepper?.begin({ firstStep: 0, steps: 1, learningRate: () => 0 });
    executable.run(entry.name, { first: 0, steps: 1 });
    const [{ loss }] = (await this.#figures(0, 1)) as [StepFigures];
    return loss;
  }

  async #firstPrediction(): Promise<FirstStep> {
    const milliseconds = await this.run(1);
    const values = await this.#read(this.#outputs());
    const { outputs } = this.#work.captured.traced;
    return {
      milliseconds,
      loss: Number.NaN,
      values: values.map((data, index) => ({
        label: values.length > 1 ? `a prediction of "${outputs[index]?.name}"` : "a prediction",
        data,
      })),
    };
  }

  #inputs() {
    const { captured, dataset, batchSize } = this.#work;
    const { inputs } = planInputs(captured.traced, dataset);
    return predictionInputs(captured.traced, dataset, inputs, batchSize);
  }

  #outputs(): readonly string[] {
    const { captured, batchSize } = this.#work;
    return captured.traced.outputs.map(({ name }) => predictionBuffer("output", name, batchSize));
  }

  #figures(first: number, steps: number): Promise<StepFigures[]> {
    const { stepper } = this.#steps;
    invariant(stepper, "pick", "figures of an entry that does not train");
    return this.#patience(stepper.figures(first, steps), "read");
  }

  #read(names: readonly string[]): Promise<TypedArray[]> {
    return this.#patience(this.#steps.executable.read(names), "read");
  }
}

interface TrainedWeight {
  readonly name: string;
  readonly label: string;
  readonly values: Float32Array;
}

function largest(values: TypedArray): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
