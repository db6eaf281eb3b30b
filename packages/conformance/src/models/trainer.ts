/** A model in training on a device, one step at a time, with everything open to view. */
import type { Device, Entry, Executable, TypedArray } from "@hone/core/backend";
import {
  type Augment,
  type ColumnSpec,
  type DataSpec,
  type Graph,
  type ModelGraph,
  type Optimizer,
  planEntry,
  residentBuffer,
  type StepCapacity,
  slotNames,
  type Term,
  TrainingStepper,
  trainingStep,
  type WeightInfo,
} from "@hone/core/internals";

/** A model to train, without tfjs. */
export interface Trainee {
  readonly name: string;
  /** Its forward pass in training at a batch size. */
  readonly at: (batch: number) => ModelGraph;
  readonly weights: readonly WeightInfo[];
  /** The weights to begin with. */
  readonly values: readonly Float32Array[];
  readonly terms: readonly Term[];
  readonly optimizer: Optimizer;
  readonly augment?: Augment;
}

export interface TrainingColumn extends ColumnSpec {
  readonly data: Uint8Array | Int32Array | Float32Array;
}

/** Rows to train on: the columns of inputs and labels, each in the order of the model's ports. */
export interface TrainingRows {
  readonly rows: number;
  readonly inputs: readonly TrainingColumn[];
  readonly labels: readonly TrainingColumn[];
}

export interface TrainerOptions {
  readonly batch: number;
  /** How many steps the schedule and the order have room for. */
  readonly steps: number;
  /** Of dropout and augmentation; 0 unless given. */
  readonly seed?: number;
}

interface NamedColumn {
  readonly name: string;
  readonly port: string;
  readonly column: TrainingColumn;
}

/** Columns under the names of the ports they are for. */
function columnsOf({ at }: Trainee, { inputs, labels }: TrainingRows) {
  const model = at(2);
  const named = (
    kind: string,
    columns: readonly TrainingColumn[],
    ports: ModelGraph["inputs"],
  ): NamedColumn[] =>
    columns.map((column, index) => ({
      name: columns.length === 1 ? kind : `${kind}${index}`,
      port: ports[index]?.name as string,
      column,
    }));
  return { x: named("x", inputs, model.inputs), y: named("y", labels, model.outputs) };
}

/** What a step needs to know of the rows. */
export function dataSpecOf(trainee: Trainee, rows: TrainingRows): DataSpec {
  const { x, y } = columnsOf(trainee, rows);
  const byPort = (columns: readonly NamedColumn[]) =>
    Object.fromEntries(columns.map(({ name, port }) => [port, name]));
  const specs = [...x, ...y].map(({ name, column }) => {
    const { data: _, ...spec } = column;
    return [name, spec] as const;
  });
  return { columns: Object.fromEntries(specs), inputs: byPort(x), labels: byPort(y) };
}

/** A model's whole training step. */
export function trainingGraph(
  { at, terms, optimizer, augment }: Trainee,
  options: StepCapacity & {
    readonly batch: number;
    readonly stride: number;
    readonly data: DataSpec;
  },
): Graph {
  const { batch, ...rest } = options;
  const settings = { terms, optimizer, ...(augment && { augment }) };
  return trainingStep(at(batch), { ...settings, ...rest });
}

export class Trainer {
  readonly trainee: Trainee;
  readonly executable: Executable;
  readonly #spec: DataSpec;
  readonly #capacity: StepCapacity;
  readonly #stepper: TrainingStepper;
  readonly #target: Device["target"];
  readonly #dispose: () => void;

  private constructor(
    device: Device,
    trainee: Trainee,
    executable: Executable,
    spec: DataSpec,
    capacity: StepCapacity,
    dispose: () => void,
  ) {
    this.trainee = trainee;
    this.executable = executable;
    this.#target = device.target;
    this.#spec = spec;
    this.#capacity = capacity;
    this.#stepper = new TrainingStepper(() => executable, trainee, capacity);
    this.#dispose = dispose;
  }

  /** Loads `train@batch` and writes weights, schedule, order and seed. */
  static async open(
    device: Device,
    trainee: Trainee,
    data: TrainingRows,
    { batch, steps, seed = 0 }: TrainerOptions,
  ): Promise<Trainer> {
    const executable = await device.load({ entries: [] });
    const { x, y } = columnsOf(trainee, data);
    const resident = await device.upload(
      Object.fromEntries(
        [...x, ...y].map(({ name, column }) => [
          residentBuffer(name),
          { data: column.data, rowLength: column.data.length / data.rows },
        ]),
      ),
    );
    const capacity = { orderCapacity: batch * steps, scheduleCapacity: steps };
    const trainer = new Trainer(
      device,
      trainee,
      executable,
      dataSpecOf(trainee, data),
      capacity,
      () => {
        executable.dispose();
        resident.dispose();
      },
    );
    const entry = await trainer.prepare(batch, batch);
    for (const { name } of [...x, ...y]) executable.bind(residentBuffer(name), resident);
    const order = Int32Array.from({ length: batch * steps }, (_, place) => place % data.rows);
    trainer.#stepper.begin({ firstStep: 0, steps, order });
    if (entry.buffers.seed) executable.write("seed", Int32Array.of(seed));
    trainer.writeAll(
      trainee.weights.map(({ name }) => name),
      trainee.values,
    );
    return trainer;
  }

  /** Prepares `train@batch`. @param stride rows between the starts of two steps */
  async prepare(batch: number, stride: number): Promise<Entry> {
    const graph = trainingGraph(this.trainee, {
      batch,
      stride,
      data: this.#spec,
      ...this.#capacity,
    });
    const entry = planEntry(`train@${batch}`, graph, this.#target);
    await this.executable.prepare(entry);
    return entry;
  }

  run(batch: number, first: number, steps: number): void {
    this.executable.run(`train@${batch}`, { first, steps });
  }

  /** The losses of `steps` steps from `first` on; at most the ring's last 1024. */
  async losses(first: number, steps: number): Promise<number[]> {
    return (await this.#stepper.figures(first, steps)).map(({ loss }) => loss);
  }

  writeAll(names: readonly string[], values: readonly TypedArray[]): void {
    for (const [at, name] of names.entries()) this.executable.write(name, values[at] as TypedArray);
  }

  dispose(): void {
    this.#dispose();
  }

  /** Names of the trainable parameters. */
  get parameters(): string[] {
    return this.trainee.weights.filter(({ trainable }) => trainable).map(({ name }) => name);
  }

  /** Names of all that one step leaves for the next: weights, statistics and optimizer slots. */
  get memory(): string[] {
    const slots = slotNames(this.trainee.optimizer).flatMap((slot) =>
      this.parameters.map((name) => `slot.${slot}:${name}`),
    );
    return [...this.trainee.weights.map(({ name }) => name), ...slots];
  }
}
