/**
 * The session's hold on its executable: plans and prepares entries when they are first needed, keeps
 * uploaded data sets, and reads and writes the model's weights.
 */
import type { Device, Executable, Resident, TypedArray } from "../backend.js";
import { HoneError } from "../errors.js";
import type { ColumnSpec, DataSpec } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { planEntry } from "../plan/plan.js";
import type { Entry } from "../plan/program.js";
import { type Column, type Dataset, rowLength } from "./dataset.js";

/** Data sets kept on the device at once; the least recently used makes room. */
const RESIDENT_SETS = 3;

export class Engine {
  readonly device: Device;
  readonly model: TracedModel;
  #executable: Executable | undefined;
  #weights: readonly Float32Array[];
  readonly #seed: number;
  readonly #entries = new Map<string, Entry>();
  readonly #residents = new Map<Dataset, Resident>();
  #bound: Resident | undefined;
  #closed = false;

  constructor(device: Device, model: TracedModel, weights: readonly Float32Array[], seed: number) {
    this.device = device;
    this.model = model;
    this.#weights = weights;
    this.#seed = seed;
  }

  /** @throws BadArgument after `close` */
  get executable(): Executable {
    if (this.#closed || !this.#executable) {
      throw new HoneError("BadArgument", "session", "it is closed. Compile the model again.");
    }
    return this.#executable;
  }

  /**
   * Makes an entry ready. Entries are told apart by `key`; the first of a `title` is named exactly so.
   * @param build makes the graph; called only when the key is new
   */
  async prepare(title: string, key: string, build: () => Graph): Promise<Entry> {
    if (this.#closed) return this.executable as never;
    const known = this.#entries.get(key);
    if (known) return known;
    const others = [...this.#entries.values()].filter(({ name }) => name.split("#")[0] === title);
    const name = others.length === 0 ? title : `${title}#${others.length + 1}`;
    const entry = planEntry(name, build(), this.device.target);
    if (this.#executable) {
      await this.#executable.prepare(entry);
    } else {
      this.#executable = await this.device.load({ entries: [entry] });
      this.writeWeights(this.#weights);
      this.#weights = [];
    }
    if (entry.buffers.seed) this.#executable.write("seed", Int32Array.of(this.#seed));
    this.#entries.set(key, entry);
    return entry;
  }

  /** Uploads a data set unless it is there, and makes it the one that entries read. */
  async use(dataset: Dataset): Promise<void> {
    let resident = this.#residents.get(dataset);
    if (resident) {
      this.#residents.delete(dataset);
    } else {
      const { x, y } = dataset.columns;
      const column = (from: Column) => ({ data: from.data, rowLength: rowLength(from) });
      resident = await this.device.upload({ x: column(x), y: column(y) });
    }
    this.#residents.set(dataset, resident);
    for (const [old, held] of this.#residents) {
      if (this.#residents.size <= RESIDENT_SETS) break;
      if (old === dataset) continue;
      held.dispose();
      this.#residents.delete(old);
    }
    if (this.#bound === resident) return;
    this.executable.bind("x", resident);
    this.executable.bind("y", resident);
    this.#bound = resident;
  }

  writeWeights(values: readonly TypedArray[]): void {
    for (const [index, { name }] of this.model.weights.entries()) {
      this.executable.write(name, values[index] as TypedArray);
    }
  }

  /** Copies of all weights in model order, float32. */
  async readWeights(): Promise<Float32Array[]> {
    if (!this.#executable && !this.#closed) return this.#weights.map((values) => values.slice());
    const names = this.model.weights.map(({ name }) => name);
    const arrays = await this.executable.read(names);
    return arrays.map((array) =>
      array instanceof Float32Array ? array : Float32Array.from(array),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const resident of this.#residents.values()) resident.dispose();
    this.#residents.clear();
    this.#executable?.dispose();
  }
}

/** What a gather needs to know of a data set's columns. */
export function dataSpec(dataset: Dataset): DataSpec {
  return { x: columnSpec(dataset.columns.x), y: columnSpec(dataset.columns.y) };
}

function columnSpec({ data, shape, scale, offset }: Column): ColumnSpec {
  const dtype =
    data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
  return { dtype, rowShape: shape, scale, offset };
}
