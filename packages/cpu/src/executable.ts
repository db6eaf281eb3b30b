/**
 * Runs prepared entries on the calling thread, so `run` has computed when it returns.
 *
 * The first failure of a `write`, `bind` or `run` makes those that follow do nothing until `read` or
 * `sync` has thrown it: memory stays as it was when things went wrong.
 */
import {
  type Entry,
  type Executable,
  HoneError,
  type MemoryUse,
  type Operand,
  type Resident,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import { PreparedEntry } from "./entry.js";
import { BlockMemory, type MemoryView } from "./memory.js";
import { CpuResident } from "./resident.js";

interface NamedBuffer {
  readonly operand: Operand;
  readonly view: MemoryView;
}

export class CpuExecutable implements Executable {
  readonly #memory: BlockMemory;
  readonly #onDispose: () => void;
  readonly #entries = new Map<string, PreparedEntry>();
  readonly #buffers = new Map<string, NamedBuffer>();
  readonly #bindings = new Map<string, CpuResident>();
  #failure: unknown;
  #ended: "disposed" | "closed" | undefined;

  constructor(precision: 32 | 64, onDispose: () => void) {
    this.#memory = new BlockMemory(precision);
    this.#onDispose = onDispose;
  }

  async prepare(entry: Entry): Promise<void> {
    const where = `prepare "${entry.name}"`;
    this.#assertUsable(where);
    if (this.#entries.has(entry.name)) {
      throw new HoneError("BadArgument", where, "it is prepared already. Use another name.");
    }
    const made = this.#memory.reserve(entry.blocks, where);
    try {
      const prepared = new PreparedEntry(entry, this.#memory, this.#liveBindings());
      const buffers = this.#namedBuffers(entry, where);
      for (const { operand, value } of entry.constants) {
        copyInto(this.#memory.view(operand, where), value, where);
      }
      for (const [name, buffer] of buffers) this.#buffers.set(name, buffer);
      this.#entries.set(entry.name, prepared);
    } catch (error) {
      this.#memory.release(made);
      throw error;
    }
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      const where = `bind "${input}"`;
      if (!(data instanceof CpuResident)) {
        throw new HoneError("BadArgument", where, "the data set was uploaded to another device.");
      }
      const readers = [...this.#entries.values()].filter(({ residents }) =>
        residents.includes(input),
      );
      if (readers.length === 0) {
        throw new HoneError(
          "BadArgument",
          where,
          `no prepared entry reads a resident "${input}". Prepare one, or use another name.`,
        );
      }
      const column = data.column(input);
      const problems = readers.map((entry) => entry.mismatch(input, column));
      if (problems.every((problem) => problem !== undefined)) throw problems[0];
      const bindings = this.#liveBindings().set(input, data);
      for (const entry of readers) entry.rebind(input, bindings);
      this.#bindings.set(input, data);
    });
  }

  write(buffer: string, data: TypedArray): void {
    this.#attempt(() => {
      copyInto(this.#buffer("write", buffer).view, data, `write "${buffer}"`);
    });
  }

  run(entry: string, range: { readonly first: number; readonly steps: number }): void {
    if (this.#failure !== undefined || this.#ended) return;
    try {
      const kernels = this.#runnable(entry).kernels;
      const end = range.first + range.steps;
      for (let step = range.first; step < end; step++) {
        for (let index = 0; index < kernels.length; index++) kernels[index]?.(step);
      }
    } catch (error) {
      this.#failure = error;
    }
  }

  async read(buffers: readonly string[]): Promise<TypedArray[]> {
    this.#assertUsable("read");
    this.#throwFailure();
    return buffers.map((name) => this.#buffer("read", name).view.slice());
  }

  async sync(): Promise<void> {
    this.#assertUsable("sync");
    this.#throwFailure();
  }

  dispose(): void {
    this.#end("disposed");
  }

  /** Disposes it because its device was closed, so that later uses say so. */
  closeWithDevice(): void {
    this.#end("closed");
  }

  memory(): MemoryUse {
    return this.#memory.use();
  }

  #end(how: "disposed" | "closed"): void {
    if (this.#ended) return;
    this.#ended = how;
    this.#entries.clear();
    this.#buffers.clear();
    this.#bindings.clear();
    this.#memory.clear();
    this.#onDispose();
  }

  /** Does what `write` or `bind` asks, keeping the first failure for `read` or `sync`. */
  #attempt(action: () => void): void {
    if (this.#failure !== undefined || this.#ended) return;
    try {
      action();
    } catch (error) {
      this.#failure = error;
    }
  }

  #liveBindings(): Map<string, CpuResident> {
    return new Map([...this.#bindings].filter(([, resident]) => !resident.disposed));
  }

  #assertUsable(where: string): void {
    if (this.#ended === "closed") {
      throw new HoneError("DeviceLost", where, "the device was closed. Open another.");
    }
    if (this.#ended === "disposed") {
      throw new HoneError("BadArgument", where, "the executable was disposed. Load it again.");
    }
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #runnable(name: string): PreparedEntry {
    const entry = this.#entries.get(name);
    if (!entry) {
      throw new HoneError(
        "BadArgument",
        `run "${name}"`,
        `there is no such entry among [${[...this.#entries.keys()]}]. Prepare it first.`,
      );
    }
    const { residents } = entry;
    for (let index = 0; index < residents.length; index++) {
      const block = residents[index] as string;
      if (!this.#bindings.get(block)?.disposed) continue;
      throw new HoneError(
        "BadData",
        `run "${name}"`,
        `the data set bound to "${block}" was disposed. Bind another.`,
      );
    }
    return entry;
  }

  #buffer(verb: string, name: string): NamedBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer) return buffer;
    throw new HoneError(
      "BadArgument",
      `${verb} "${name}"`,
      `there is no such buffer among [${[...this.#buffers.keys()]}]. Use one that an entry names.`,
    );
  }

  #namedBuffers(entry: Entry, where: string): Map<string, NamedBuffer> {
    const buffers = new Map<string, NamedBuffer>();
    for (const [name, operand] of Object.entries(entry.buffers)) {
      const known = this.#buffers.get(name)?.operand;
      if (known && !samePlace(known, operand)) {
        throw new HoneError(
          "ShapeMismatch",
          where,
          `buffer "${name}" is ${describe(operand)}, but another entry has it as ${describe(known)}. Use another name.`,
        );
      }
      buffers.set(name, { operand, view: this.#memory.view(operand, where) });
    }
    return buffers;
  }
}

function samePlace(a: Operand, b: Operand): boolean {
  return (
    a.block === b.block &&
    a.offset === b.offset &&
    a.dtype === b.dtype &&
    sizeOf(a.shape) === sizeOf(b.shape)
  );
}

function describe({ block, offset, shape, dtype }: Operand): string {
  return `${dtype} [${shape}] at ${offset} of "${block}"`;
}

/** Copies `data` to the start of `view`. Floats round to the device's precision; integers stay exact. */
function copyInto(view: MemoryView, data: TypedArray, where: string): void {
  if (data.length > view.length) {
    throw new HoneError(
      "ShapeMismatch",
      where,
      `${data.length} elements do not fit in ${view.length}. Give that many or fewer.`,
    );
  }
  const wantsIntegers = view instanceof Int32Array;
  const fits = data instanceof Uint8Array || wantsIntegers === data instanceof Int32Array;
  if (!fits) {
    const dtype = wantsIntegers ? "int32" : "float32";
    throw new HoneError(
      "BadData",
      where,
      `the buffer is ${dtype}, the data a ${data.constructor.name}. Convert it first.`,
    );
  }
  view.set(data);
}
