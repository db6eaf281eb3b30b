/**
 * A model's training step on a device, without the loop around it: what is timed is what a session
 * enqueues, and nothing else. No answer of the device is waited for without an end.
 */
import type { Dataset, Device } from "@hone/core";
import type { TypedArray } from "@hone/core/backend";
import {
  type CapturedModel,
  METRICS_RING,
  type StandaloneSteps,
  slotNames,
  standaloneTraining,
} from "@hone/core/internals";
import type { StepAnswer } from "./step-answer.js";
import { attempt } from "./time-limit.js";

export interface TrainingParts {
  readonly device: Device;
  readonly captured: CapturedModel;
  readonly dataset: Dataset;
  readonly batchSize: number;
  /** Longest wait for any answer of the device. */
  readonly timeoutMs: number;
}

interface BufferNames {
  readonly gradients: readonly string[];
  readonly weights: readonly string[];
  readonly slots: readonly string[];
}

function namesOf({ traced, setup }: CapturedModel): BufferNames {
  const trainable = traced.weights.filter((weight) => weight.trainable).map(({ name }) => name);
  return {
    gradients: trainable.map((name) => `gradient:${name}`),
    weights: traced.weights.map(({ name }) => name),
    slots: slotNames(setup.optimizer).flatMap((slot) =>
      trainable.map((name) => `slot.${slot}:${name}`),
    ),
  };
}

export class TrainingProgram {
  readonly #steps: StandaloneSteps;
  readonly #timeoutMs: number;
  readonly #names: BufferNames;
  #taken = 0;
  #range = { first: 0, steps: 0 };

  private constructor(steps: StandaloneSteps, names: BufferNames, timeoutMs: number) {
    this.#steps = steps;
    this.#names = names;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Plans and loads the step, with the model's weights as they are.
   * @throws LacksOp; OutOfMemory; BadArgument; DeviceFault; TimeLimitError
   */
  static async open(parts: TrainingParts): Promise<TrainingProgram> {
    const { captured, timeoutMs, ...rest } = parts;
    const load = () => standaloneTraining({ ...captured, ...rest });
    const steps = await attempt(timeoutMs, "load", load);
    return new TrainingProgram(steps, namesOf(captured), timeoutMs);
  }

  /** As many steps as may be enqueued at once, and still be told one by one. */
  get mostSteps(): number {
    return Math.min(this.#steps.mostSteps, METRICS_RING);
  }

  /** Makes the next `steps` steps ready for `run`. @throws BadArgument for more than `mostSteps` */
  prepare(steps: number): void {
    this.#range = this.#steps.next(steps);
  }

  /** Enqueues the steps that `prepare` made ready. */
  run(): void {
    const { executable, entry } = this.#steps;
    executable.run(entry.name, this.#range);
    this.#taken = this.#range.first + this.#range.steps;
  }

  /** Resolves when all that was enqueued is computed. @throws DeviceFault; TimeLimitError */
  sync(): Promise<void> {
    return attempt(this.#timeoutMs, "sync", () => this.#steps.executable.sync());
  }

  /** The losses of the last `count` steps. @throws DeviceFault; TimeLimitError */
  async losses(count: number): Promise<number[]> {
    const { stepper } = this.#steps;
    const read = async () => (await stepper?.figures(this.#taken - count, count)) ?? [];
    return (await attempt(this.#timeoutMs, "read", read)).map(({ loss }) => loss);
  }

  /** What the last step computed and left. @throws DeviceFault; TimeLimitError */
  async answer(): Promise<StepAnswer> {
    const [loss] = (await this.losses(1)) as [number];
    const { gradients, weights, slots } = this.#names;
    const values = await this.#read([...gradients, ...weights, ...slots]);
    const float = values.map((array) => Float32Array.from(array));
    const after = gradients.length + weights.length;
    return {
      loss,
      gradients: float.slice(0, gradients.length),
      weights: float.slice(gradients.length, after),
      slots: float.slice(after),
    };
  }

  /** Goes on from where another device is. @throws DeviceFault, what the device throws at once */
  follow({ weights, slots }: StepAnswer): void {
    const { executable } = this.#steps;
    const names = [...this.#names.weights, ...this.#names.slots];
    for (const [index, values] of [...weights, ...slots].entries()) {
      executable.write(names[index] as string, values);
    }
  }

  #read(names: readonly string[]): Promise<TypedArray[]> {
    return attempt(this.#timeoutMs, "read", () => this.#steps.executable.read(names));
  }

  dispose(): void {
    this.#steps.dispose();
  }
}
