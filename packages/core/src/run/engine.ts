/**
 * The session's hold on its executable: plans and prepares entries when they are first needed, keeps
 * uploaded data sets, and reads and writes the model's weights.
 *
 * A caller may evaluate or predict while training pauses, or ask for both at once. So whatever waits
 * for the device to make something goes one after another, and a data set is bound in the same breath
 * as the steps that read it are enqueued.
 */
import type { Columns, Device, Executable, Resident, TypedArray } from "../backend.js";
import { HoneError, invariant } from "../errors.js";
import { type ColumnSpec, type DataSpec, mixesRows } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { planEntry } from "../plan/plan.js";
import type { Entry } from "../plan/program.js";
import { type Column, type Dataset, rowLength, soleInput, soleLabels } from "./dataset.js";

/** Data sets kept on the device at once; the least recently used that nobody holds makes room. */
const RESIDENT_SETS = 3;

/** A data set that stays on the device until it is released. */
export interface HeldData {
  /** Enqueues steps of an entry that reads this data set. */
  run(entry: string, range: { readonly first: number; readonly steps: number }): void;
  release(): void;
}

interface ResidentSet {
  readonly resident: Resident;
  holders: number;
}

export class Engine {
  readonly device: Device;
  readonly model: TracedModel;
  #executable: Executable | undefined;
  /** What is not on the device yet. */
  #weights: readonly TypedArray[];
  readonly #weightNames: readonly string[];
  readonly #seed: number;
  readonly #entries = new Map<string, Entry>();
  readonly #sets = new Map<Dataset, ResidentSet>();
  #bound: Resident | undefined;
  #mixesRows: boolean | undefined;
  #weightsVersion = 0;
  #turns: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(device: Device, model: TracedModel, weights: readonly Float32Array[], seed: number) {
    this.device = device;
    this.model = model;
    this.#weights = weights;
    this.#weightNames = model.weights.map(({ name }) => name);
    this.#seed = seed;
  }

  /** @throws BadArgument after `close` */
  get executable(): Executable {
    this.#checkOpen();
    invariant(this.#executable, "session", "nothing is loaded yet");
    return this.#executable;
  }

  /** Grows whenever the weights may have changed. */
  get weightsVersion(): number {
    return this.#weightsVersion;
  }

  /** True when rows may not be padded for inference, because they see each other. */
  get mixesRows(): boolean {
    this.#mixesRows ??= mixesRows(this.model.inference);
    return this.#mixesRows;
  }

  /** The entry of that key, if it is ready. */
  prepared(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /**
   * Makes an entry ready. Entries are told apart by `key`; the first of a `title` is named exactly so.
   * @param build makes the graph; called only when the key is new
   */
  async prepare(title: string, key: string, build: () => Graph): Promise<Entry> {
    return this.#inTurn(async () => {
      const known = this.#entries.get(key);
      if (known) return known;
      const others = [...this.#entries.values()].filter(({ name }) => name.split("#")[0] === title);
      const name = others.length === 0 ? title : `${title}#${others.length + 1}`;
      const entry = planEntry(name, build(), this.device.target);
      if (this.#executable) await this.#executable.prepare(entry);
      else await this.#load(entry);
      if (entry.buffers.seed) this.executable.write("seed", Int32Array.of(this.#seed));
      this.#entries.set(key, entry);
      return entry;
    });
  }

  /** Uploads a data set unless it is there. */
  async hold(dataset: Dataset): Promise<HeldData> {
    return this.#inTurn(async () => {
      const known = this.#sets.get(dataset);
      const set = known ?? { resident: await this.#upload(dataset), holders: 0 };
      // The map's order is that of use.
      this.#sets.delete(dataset);
      this.#sets.set(dataset, set);
      set.holders++;
      this.#makeRoom();
      return {
        run: (entry, range) => {
          // An evaluation changes nothing, but no reader of this number minds to look once too often.
          this.#weightsVersion++;
          this.#bind(set.resident);
          this.executable.run(entry, range);
        },
        release: () => {
          set.holders--;
        },
      };
    });
  }

  /** Replaces all weights, in model order. Until something is loaded it keeps `values` themselves. */
  writeWeights(values: readonly TypedArray[]): void {
    this.#checkOpen();
    if (this.#executable) this.writeBuffers(this.#weightNames, values);
    else this.#weights = values;
    this.#weightsVersion++;
  }

  /** Writes buffers, weights among them. */
  writeBuffers(names: readonly string[], values: readonly TypedArray[]): void {
    this.#weightsVersion++;
    for (const [index, name] of names.entries()) {
      this.executable.write(name, values[index] as TypedArray);
    }
  }

  /** Copies of all weights in model order, float32. */
  async readWeights(): Promise<Float32Array[]> {
    return (await this.readExactWeights()).map((array) =>
      array instanceof Float32Array ? array : Float32Array.from(array),
    );
  }

  /** Copies of all weights in model order, in the precision they are held in. */
  async readExactWeights(): Promise<TypedArray[]> {
    if (!this.#executable && !this.#closed) return this.#weights.map((values) => values.slice());
    return this.executable.read(this.#weightNames);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { resident } of this.#sets.values()) resident.dispose();
    this.#sets.clear();
    this.#executable?.dispose();
  }

  /** Does `task` when all that was asked for before is done. @throws BadArgument after `close` */
  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(() => {
      this.#checkOpen();
      return task();
    });
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new HoneError("BadArgument", "session", "it is closed. Compile the model again.");
  }

  async #load(entry: Entry): Promise<void> {
    const executable = await this.device.load({ entries: [entry] });
    if (this.#closed) executable.dispose();
    this.#checkOpen();
    this.#executable = executable;
    this.writeWeights(this.#weights);
    this.#weights = [];
  }

  async #upload(dataset: Dataset): Promise<Resident> {
    const resident = await this.device.upload(uploadable(dataset));
    if (this.#closed) resident.dispose();
    this.#checkOpen();
    return resident;
  }

  #makeRoom(): void {
    for (const [dataset, { resident, holders }] of this.#sets) {
      if (this.#sets.size <= RESIDENT_SETS) return;
      if (holders > 0) continue;
      resident.dispose();
      this.#sets.delete(dataset);
    }
  }

  #bind(resident: Resident): void {
    if (this.#bound === resident) return;
    this.executable.bind("x", resident);
    this.executable.bind("y", resident);
    this.#bound = resident;
  }
}

/** A data set as a device takes it. */
export function uploadable(dataset: Dataset): Columns {
  const column = (from: Column) => ({ data: from.data, rowLength: rowLength(from) });
  return { x: column(soleInput(dataset, "upload")), y: column(soleLabels(dataset, "upload")) };
}

/** What a gather needs to know of a data set's columns. */
export function dataSpec(dataset: Dataset): DataSpec {
  return {
    x: columnSpec(soleInput(dataset, "gather")),
    y: columnSpec(soleLabels(dataset, "gather")),
  };
}

function columnSpec({ data, shape, scale, offset }: Column): ColumnSpec {
  const dtype =
    data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
  return { dtype, rowShape: shape, scale, offset };
}
