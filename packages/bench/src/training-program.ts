/**
 * A model's training step on a device, without the loop around it: what is timed is what a session
 * enqueues, and nothing else. Steps walk through the whole data set, pass after pass, in one order.
 */
import { type Dataset, type Device, type Optimizer, permutation } from "@hone/core";
import type { Executable, TypedArray } from "@hone/core/backend";
import {
  atBatch,
  type captureModel,
  dataSpec,
  METRICS_COLUMNS,
  METRICS_RING,
  planEntry,
  scheduleRow,
  trainingStep,
  uploadable,
} from "@hone/core/internals";
import { attempt } from "./time-limit.js";

/** A model as `captureModel` knows it. */
export type Captured = ReturnType<typeof captureModel>;

export interface TrainingParts {
  readonly device: Device;
  readonly captured: Captured;
  readonly dataset: Dataset;
  readonly batchSize: number;
  /** Longest wait for any answer of the device. */
  readonly timeoutMs: number;
}

export class TrainingProgram {
  readonly #executable: Executable;
  readonly #dispose: () => void;
  readonly #entry: string;
  readonly #stepsPerPass: number;
  readonly #optimizer: Optimizer;
  readonly #timeoutMs: number;
  /** Steps taken, and of them those of the passes that are over. */
  #step = 0;
  #passStart = 0;

  private constructor(
    loaded: { readonly executable: Executable; readonly entry: string },
    stepsPerPass: number,
    { captured, timeoutMs }: TrainingParts,
    dispose: () => void,
  ) {
    this.#executable = loaded.executable;
    this.#entry = loaded.entry;
    this.#stepsPerPass = stepsPerPass;
    this.#optimizer = captured.setup.optimizer;
    this.#timeoutMs = timeoutMs;
    this.#dispose = dispose;
  }

  /**
   * Plans and loads the step, with the model's weights as they are.
   * @param parts with at least a batch of rows
   * @throws BackendUnavailable when the device lacks an op; DeviceFault; TimeLimitError
   */
  static async open(parts: TrainingParts): Promise<TrainingProgram> {
    const { device, captured, dataset, batchSize, timeoutMs } = parts;
    const { traced, weights, setup } = captured;
    const { rows } = dataset;
    const stepsPerPass = Math.floor(rows / batchSize);
    const graph = trainingStep(atBatch(traced.training, batchSize), {
      ...setup,
      data: dataSpec(dataset),
      stride: batchSize,
      orderCapacity: rows,
      scheduleCapacity: stepsPerPass,
    });
    const entry = planEntry(`train@${batchSize}`, graph, device.target);
    const load = () => device.load({ entries: [entry] });
    const executable = await attempt(timeoutMs, "load", load);
    const upload = () => device.upload(uploadable(dataset));
    const resident = await attempt(timeoutMs, "upload", upload);
    const program = new TrainingProgram(
      { executable, entry: entry.name },
      stepsPerPass,
      parts,
      () => {
        executable.dispose();
        resident.dispose();
      },
    );
    executable.bind("x", resident);
    executable.bind("y", resident);
    for (const [index, { name }] of traced.weights.entries()) {
      if (entry.buffers[name]) executable.write(name, weights[index] as TypedArray);
    }
    if (entry.buffers.seed) executable.write("seed", Int32Array.of(setup.seed));
    executable.write(`order:${rows}`, permutation(rows, setup.seed, 0));
    program.#beginPass();
    return program;
  }

  /** As many steps as may be enqueued at once. */
  get mostSteps(): number {
    return Math.min(this.#stepsPerPass, METRICS_RING);
  }

  /** Makes room for the next `steps` steps; begins a new pass over the data where this one has too few left. */
  prepare(steps: number): void {
    if (this.#step + steps > this.#passStart + this.#stepsPerPass) this.#beginPass();
  }

  #beginPass(): void {
    this.#passStart = this.#step;
    const { learningRate } = this.#optimizer;
    const rows = Array.from({ length: this.#stepsPerPass }, (_, index) =>
      scheduleRow(this.#optimizer, this.#step + index, learningRate),
    );
    this.#executable.write(`schedule:${this.#stepsPerPass}`, Float64Array.from(rows.flat()));
    this.#executable.write("epochStart", Int32Array.of(this.#passStart));
  }

  /** Enqueues steps that `prepare` made room for. */
  run(steps: number): void {
    this.#executable.run(this.#entry, { first: this.#step, steps });
    this.#step += steps;
  }

  /** Resolves when all that was enqueued is computed. @throws DeviceFault; TimeLimitError */
  sync(): Promise<void> {
    return attempt(this.#timeoutMs, "sync", () => this.#executable.sync());
  }

  /** The losses of the last `steps` steps. @throws DeviceFault; TimeLimitError */
  async losses(steps: number): Promise<number[]> {
    const [ring] = (await this.#read(["metrics"])) as [TypedArray];
    return Array.from({ length: steps }, (_, index) => {
      const row = (this.#step - steps + index) % METRICS_RING;
      return ring[row * METRICS_COLUMNS] as number;
    });
  }

  /** Buffers as the device holds them. @throws DeviceFault; TimeLimitError */
  weights(names: readonly string[]): Promise<TypedArray[]> {
    return this.#read(names);
  }

  #read(names: readonly string[]): Promise<TypedArray[]> {
    return attempt(this.#timeoutMs, "read", () => this.#executable.read(names));
  }

  dispose(): void {
    this.#dispose();
  }
}
