/**
 * One entry alone on a device, with the weights and the data a session would give it: for whatever measures
 * steps. A session runs the same steps, but decides for itself when.
 */
import type { Device, Executable, Resident } from "../backend.js";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { predictionBuffer, predictionStep } from "../graph/prediction-step.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch, type TracedModel } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { readyToPlan } from "../plan/passes.js";
import { planEntry } from "../plan/plan.js";
import type { Entry } from "../plan/program.js";
import { permutation } from "../random.js";
import { planData, planInputs } from "./data-plan.js";
import { columnOf, type Dataset, rowLength } from "./dataset.js";
import type { Captured } from "./session.js";
import { labelsFor } from "./step-entries.js";
import { TrainingStepper } from "./training-stepper.js";
import { uploadable } from "./uploadable.js";
import { wholeNumber } from "./whole-number.js";

export interface StandaloneParts extends Captured {
  readonly device: Device;
  readonly dataset: Dataset;
  readonly batchSize: number;
}

/** Makes steps `first` up to `first + count` ready: writes what the host owes them. */
type Prepare = (first: number, count: number) => void;

/** The steps of one entry. A training step really trains. */
export class StandaloneSteps {
  readonly executable: Executable;
  readonly entry: Entry;
  /** As many as may be enqueued at once. */
  readonly mostSteps: number;
  /** Of a training entry. */
  readonly stepper: TrainingStepper | undefined;
  readonly #prepare: Prepare;
  readonly #resident: Resident | undefined;
  #step = 0;

  constructor(
    loaded: { readonly executable: Executable; readonly entry: Entry },
    steps: {
      readonly most: number;
      readonly prepare: Prepare;
      readonly resident?: Resident;
      readonly stepper?: TrainingStepper;
    },
  ) {
    this.stepper = steps.stepper;
    this.executable = loaded.executable;
    this.entry = loaded.entry;
    this.mostSteps = steps.most;
    this.#prepare = steps.prepare;
    this.#resident = steps.resident;
  }

  /**
   * Makes the next `steps` steps ready, for a `run` or `profile` of the executable. Training goes on where
   * it was, and begins the data anew where too few rows are left. @throws BadArgument for more than `mostSteps`
   */
  next(wanted: number): { readonly first: number; readonly steps: number } {
    const steps = wholeNumber("steps", wanted);
    if (steps > this.mostSteps) {
      const what = `${steps} steps were asked for, and the data lasts for ${this.mostSteps}. Ask for fewer.`;
      throw new HoneError("BadArgument", this.entry.name, what);
    }
    const first = this.#step;
    this.#step += steps;
    this.#prepare(first, steps);
    return { first, steps };
  }

  /**
   * Runs the next `steps` steps as a session does, waits for them, and tells how many milliseconds
   * that took. @throws BadArgument for more than `mostSteps`
   */
  async run(steps: number): Promise<number> {
    const range = this.next(steps);
    await this.executable.sync();
    const beganMs = performance.now();
    this.executable.run(this.entry.name, range);
    await this.executable.sync();
    return performance.now() - beganMs;
  }

  /** Frees what it holds on the device; the device stays open. */
  dispose(): void {
    this.executable.dispose();
    this.#resident?.dispose();
  }
}

/**
 * The step that `session.fit` runs, on shuffled rows of the data set.
 * @throws BadArgument, BadData, ShapeMismatch; LacksOp, OutOfMemory
 */
export async function standaloneTraining(parts: StandaloneParts): Promise<StandaloneSteps> {
  const { device, traced, setup, dataset } = parts;
  const batchSize = checkedBatchSize(parts);
  const data = planData(traced, setup.terms, dataset);
  const { rows } = dataset;
  const most = Math.floor(rows / batchSize);
  const capacity = { orderCapacity: rows, scheduleCapacity: most };
  const graph = trainingStep(atBatch(traced.training, batchSize), {
    ...setup,
    ...labelsFor(setup.optimizer, traced),
    data,
    stride: batchSize,
    ...capacity,
  });
  const loaded = await loadAlone(device, `train@${batchSize}`, graph, parts);
  const { executable } = loaded;
  const resident = await device.upload(uploadable(dataset)).catch((error: unknown) => {
    executable.dispose();
    throw error;
  });
  for (const { name, kind } of loaded.entry.blocks) {
    if (kind === "resident") executable.bind(name, resident);
  }
  const stepper = new TrainingStepper(() => executable, setup, capacity);
  const order = permutation(rows, setup.seed, 0);
  let passEnd = 0;
  const prepare = (firstStep: number, count: number) => {
    if (firstStep + count <= passEnd) return;
    passEnd = firstStep + most;
    stepper.begin({ firstStep, steps: most, order });
  };
  return new StandaloneSteps(loaded, { most, prepare, resident, stepper });
}

/**
 * The step that `session.predict` runs, on the first rows of the data set.
 * @throws BadArgument, ShapeMismatch; LacksOp, OutOfMemory
 */
export async function standalonePrediction(parts: StandaloneParts): Promise<StandaloneSteps> {
  const { device, traced, dataset } = parts;
  const batchSize = checkedBatchSize(parts);
  const { inputs } = planInputs(traced, dataset);
  const graph = predictionStep(atBatch(traced.inference, batchSize));
  const loaded = await loadAlone(device, `predict@${batchSize}`, graph, parts);
  for (const { name, values } of predictionInputs(traced, dataset, inputs, batchSize)) {
    loaded.executable.write(name, values);
  }
  return new StandaloneSteps(loaded, endless);
}

/**
 * The first rows of a data set as a prediction's inputs, by buffer.
 * @throws ShapeMismatch when a row is not of the size the model takes
 */
export function predictionInputs(
  { inputs: ports }: TracedModel,
  dataset: Dataset,
  inputs: Readonly<Record<string, string>>,
  batchSize: number,
): { readonly name: string; readonly values: Float32Array | Int32Array }[] {
  return ports.map(({ name, shape, dtype }) => {
    const column = columnOf(dataset, inputs[name] as string);
    const { data, scale, offset } = column;
    if (rowLength(column) !== sizeOf(shape)) {
      const what = `a row of the data is [${column.shape}], the model takes [${shape}]. Give the model that input shape or reshape the data.`;
      throw new HoneError("ShapeMismatch", "data", what);
    }
    const rows = data.subarray(0, batchSize * sizeOf(shape));
    const values =
      dtype === "int32"
        ? Int32Array.from(rows, (value) => value * scale + offset)
        : Float32Array.from(rows, (value) => value * scale + offset);
    return { name: predictionBuffer("input", name, batchSize), values };
  });
}

/** Any graph that needs nothing from the host but its constants. @throws as `standalonePrediction` */
export async function standaloneGraph(
  device: Device,
  name: string,
  graph: Graph,
): Promise<StandaloneSteps> {
  return new StandaloneSteps(await loadAlone(device, name, graph), endless);
}

const endless = { most: 1_000_000, prepare: () => undefined };

function checkedBatchSize({ batchSize, dataset }: StandaloneParts): number {
  wholeNumber("batchSize", batchSize);
  if (batchSize <= dataset.rows) return batchSize;
  const what = `it is ${batchSize}, and data set "${dataset.name}" has ${dataset.rows} rows. Give at most that many.`;
  throw new HoneError("BadArgument", "batchSize", what);
}

async function loadAlone(
  device: Device,
  name: string,
  graph: Graph,
  model?: Pick<StandaloneParts, "traced" | "weights" | "setup">,
): Promise<{ readonly executable: Executable; readonly entry: Entry }> {
  await readyToPlan(graph, device.target.ops);
  const entry = planEntry(name, graph, device.target);
  const executable = await device.load({ entries: [entry] });
  for (const [index, { name: title }] of (model?.traced.weights ?? []).entries()) {
    const values = model?.weights[index];
    // A weight that only the other mode reads has no place in this entry.
    if (values && entry.buffers[title]) executable.write(title, values);
  }
  if (model && entry.buffers.seed) executable.write("seed", Int32Array.of(model.setup.seed));
  return { executable, entry };
}
