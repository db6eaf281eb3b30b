/**
 * A model's training step on a device, without the loop around it: what is timed is what a session
 * enqueues, and nothing else. No answer of the device is waited for without an end.
 */
import type { Dataset, Device } from "@hone/core";
import type { TypedArray } from "@hone/core/backend";
import {
  type CapturedModel,
  METRICS_COLUMNS,
  METRICS_RING,
  type StandaloneSteps,
  standaloneTraining,
} from "@hone/core/internals";
import { attempt } from "./time-limit.js";

export interface TrainingParts {
  readonly device: Device;
  readonly captured: CapturedModel;
  readonly dataset: Dataset;
  readonly batchSize: number;
  /** Longest wait for any answer of the device. */
  readonly timeoutMs: number;
}

export class TrainingProgram {
  readonly #steps: StandaloneSteps;
  readonly #timeoutMs: number;
  #taken = 0;
  #range = { first: 0, steps: 0 };

  private constructor(steps: StandaloneSteps, timeoutMs: number) {
    this.#steps = steps;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Plans and loads the step, with the model's weights as they are.
   * @throws BackendUnavailable when the device lacks an op; BadArgument; DeviceFault; TimeLimitError
   */
  static async open(parts: TrainingParts): Promise<TrainingProgram> {
    const { captured, timeoutMs, ...rest } = parts;
    const load = () => standaloneTraining({ ...captured, ...rest });
    return new TrainingProgram(await attempt(timeoutMs, "load", load), timeoutMs);
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
    const [ring] = (await this.read(["metrics"])) as [TypedArray];
    return Array.from({ length: count }, (_, index) => {
      const row = (this.#taken - count + index) % METRICS_RING;
      return ring[row * METRICS_COLUMNS] as number;
    });
  }

  /** Buffers as the device holds them. @throws DeviceFault; TimeLimitError */
  read(names: readonly string[]): Promise<TypedArray[]> {
    return attempt(this.#timeoutMs, "read", () => this.#steps.executable.read(names));
  }

  dispose(): void {
    this.#steps.dispose();
  }
}
