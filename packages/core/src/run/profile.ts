/**
 * What each call of a step takes on a device, at the shapes it has there: for tuning kernels.
 *
 * A session runs whole steps. Here the same entry stands alone on the device, with the weights and the
 * data a session would give it, and the device runs it call by call. A training step really trains, so
 * that what a call computes on (sparsity, winners of a pool) is what it would meet in a session.
 */
import type { Device, Executable, Resident } from "../backend.js";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { countFlops } from "../graph/ops/index.js";
import { scheduleRow } from "../graph/optimizer.js";
import { predictionStep, trainingStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Graph, Shape, Tensor } from "../graph/types.js";
import { planEntry } from "../plan/plan.js";
import type { Call, Entry, Operand } from "../plan/program.js";
import { permutation } from "../random.js";
import { type Dataset, rowLength } from "./dataset.js";
import { dataSpec, uploadable } from "./engine.js";
import { checkData } from "./evaluate.js";
import type { SessionParts } from "./session.js";
import { wholeNumber } from "./whole-number.js";

/** One call of the entry, as planned for the device. */
export interface ProfiledCall {
  readonly op: string;
  /** The layer it belongs to, where it belongs to one. */
  readonly layer: string | undefined;
  readonly output: Shape;
  /** By the op table: of the full dense formulation, whatever the kernel leaves out. */
  readonly flops: number;
}

/** What one call took, per step. */
export interface CallTime {
  readonly microseconds: number;
  /** The adapter's kernels, in order; their times add up to the call's. */
  readonly kernels: readonly { readonly kernel: string; readonly microseconds: number }[];
}

export interface ProfileParts
  extends Pick<SessionParts<never>, "device" | "traced" | "weights" | "setup"> {
  readonly dataset: Dataset;
  readonly batchSize: number;
}

/** Makes steps `first` up to `first + count` ready: writes what the host owes them. */
type Prepare = (first: number, count: number) => void;

/** An entry on a device that tells what each of its calls takes. */
export class Profiler {
  readonly calls: readonly ProfiledCall[];
  /** As many steps as one profile may have. */
  readonly mostSteps: number;
  readonly #executable: Executable;
  readonly #entry: Entry;
  readonly #prepare: Prepare;
  readonly #resident: Resident | undefined;
  #step = 0;

  constructor(
    loaded: { readonly executable: Executable; readonly entry: Entry },
    steps: { readonly most: number; readonly prepare: Prepare; readonly resident?: Resident },
  ) {
    this.#executable = loaded.executable;
    this.#entry = loaded.entry;
    this.calls = loaded.entry.calls.map(profiledCall);
    this.mostSteps = steps.most;
    this.#prepare = steps.prepare;
    this.#resident = steps.resident;
  }

  /**
   * Runs the next `steps` steps call by call, and tells what each call took. Training goes on where it
   * was, and begins the data anew.
   * @returns one for each of `calls`
   * @throws BadArgument for more than `mostSteps`; BackendUnavailable when the device cannot tell
   */
  async profile(steps: number): Promise<readonly CallTime[]> {
    const range = this.#next(steps);
    const times = await profileOf(this.#executable)(this.#entry.name, range);
    return this.calls.map((_, index) => {
      const kernels = times
        .filter(({ call }) => call === index)
        .map(({ kernel, microseconds }) => ({ kernel, microseconds: microseconds / steps }));
      return { kernels, microseconds: kernels.reduce((sum, one) => sum + one.microseconds, 0) };
    });
  }

  /**
   * Runs the next `steps` steps as a session does, waits for them, and tells how many milliseconds
   * that took. @throws BadArgument for more than `mostSteps`
   */
  async run(steps: number): Promise<number> {
    const range = this.#next(steps);
    await this.#executable.sync();
    const beganMs = performance.now();
    this.#executable.run(this.#entry.name, range);
    await this.#executable.sync();
    return performance.now() - beganMs;
  }

  /** Frees what it holds on the device; the device stays open. */
  dispose(): void {
    this.#executable.dispose();
    this.#resident?.dispose();
  }

  #next(wanted: number): { readonly first: number; readonly steps: number } {
    const steps = wholeNumber("steps", wanted);
    if (steps > this.mostSteps) {
      const what = `${steps} steps were asked for, and the data lasts for ${this.mostSteps}. Ask for fewer.`;
      throw new HoneError("BadArgument", "profile", what);
    }
    const first = this.#step;
    this.#step += steps;
    this.#prepare(first, steps);
    return { first, steps };
  }
}

/**
 * The step that `session.fit` runs, on shuffled rows of the data set.
 * @throws BadArgument, BadData, ShapeMismatch; BackendUnavailable when the device cannot profile
 */
export async function profileTraining(parts: ProfileParts): Promise<Profiler> {
  const { device, traced, setup, dataset } = parts;
  const batchSize = checkedBatchSize(parts);
  checkData({ model: traced }, setup, dataset);
  const { rows } = dataset;
  const most = Math.floor(rows / batchSize);
  const graph = trainingStep(atBatch(traced.training, batchSize), {
    ...setup,
    data: dataSpec(dataset),
    stride: batchSize,
    orderCapacity: rows,
    scheduleCapacity: most,
  });
  const loaded = await load(device, `train@${batchSize}`, graph, parts);
  const { executable } = loaded;
  const resident = await device.upload(uploadable(dataset)).catch((error: unknown) => {
    executable.dispose();
    throw error;
  });
  executable.bind("x", resident);
  executable.bind("y", resident);
  executable.write(`order:${rows}`, permutation(rows, setup.seed, 0));
  const { optimizer } = setup;
  const prepare = (first: number, count: number) => {
    const schedule = Array.from({ length: count }, (_, index) =>
      scheduleRow(optimizer, first + index, optimizer.learningRate),
    );
    executable.write(`schedule:${most}`, Float64Array.from(schedule.flat()));
    executable.write("epochStart", Int32Array.of(first));
  };
  return new Profiler(loaded, { most, prepare, resident });
}

/**
 * The step that `session.predict` runs, on the first rows of the data set.
 * @throws BadArgument, ShapeMismatch; BackendUnavailable when the device cannot profile
 */
export async function profilePrediction(parts: ProfileParts): Promise<Profiler> {
  const { device, traced, dataset } = parts;
  const batchSize = checkedBatchSize(parts);
  const { x } = dataset.columns;
  const length = batchSize * sizeOf(traced.inputShape);
  if (rowLength(x) * batchSize !== length) {
    const what = `a row of the data is [${x.shape}], the model takes [${traced.inputShape}]. Give the model that input shape or reshape the data.`;
    throw new HoneError("ShapeMismatch", "data", what);
  }
  const graph = predictionStep(atBatch(traced.inference, batchSize));
  const loaded = await load(device, `predict@${batchSize}`, graph, parts);
  const input = Float32Array.from(
    x.data.subarray(0, length),
    (value) => value * x.scale + x.offset,
  );
  loaded.executable.write(`input@${batchSize}`, input);
  return new Profiler(loaded, endless);
}

/** Any graph that needs nothing from the host but its constants. @throws as `profilePrediction` */
export async function profileGraph(device: Device, name: string, graph: Graph): Promise<Profiler> {
  return new Profiler(await load(device, name, graph), endless);
}

const endless = { most: 1_000_000, prepare: () => undefined };

function checkedBatchSize({ batchSize, dataset }: ProfileParts): number {
  wholeNumber("batchSize", batchSize);
  if (batchSize <= dataset.rows) return batchSize;
  const what = `it is ${batchSize}, and data set "${dataset.name}" has ${dataset.rows} rows. Give at most that many.`;
  throw new HoneError("BadArgument", "batchSize", what);
}

async function load(
  device: Device,
  name: string,
  graph: Graph,
  model?: Pick<ProfileParts, "traced" | "weights" | "setup">,
): Promise<{ readonly executable: Executable; readonly entry: Entry }> {
  const entry = planEntry(name, graph, device.target);
  const executable = await device.load({ entries: [entry] });
  try {
    profileOf(executable, device);
  } catch (error) {
    executable.dispose();
    throw error;
  }
  for (const [index, { name: title }] of (model?.traced.weights ?? []).entries()) {
    const values = model?.weights[index];
    // A weight that only the other mode reads has no place in this entry.
    if (values && entry.buffers[title]) executable.write(title, values);
  }
  if (model && entry.buffers.seed) executable.write("seed", Int32Array.of(model.setup.seed));
  return { executable, entry };
}

/** @throws BackendUnavailable when the device cannot profile */
function profileOf(executable: Executable, device?: Device): NonNullable<Executable["profile"]> {
  if (executable.profile) return executable.profile.bind(executable);
  const what = "it cannot tell what its kernels take. Choose another backend, such as wasm or cpu.";
  throw new HoneError("BackendUnavailable", device?.info.backend ?? "profile", what);
}

function profiledCall({ op, inputs, outputs, attributes, label }: Call): ProfiledCall {
  const output = tensorOf(outputs[0] as Operand);
  const flops = countFlops(op, inputs.map(tensorOf), output, attributes);
  return { op, layer: label, output: output.shape, flops };
}

/** As the op table's rules know it; of a tensor that is laid out they read shape and type. */
function tensorOf({ shape, dtype }: Operand): Tensor {
  return { id: 0, shape, dtype, role: "scratch" };
}
