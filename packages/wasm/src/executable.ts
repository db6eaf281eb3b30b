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
  invariant,
  type Operand,
  type Resident,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import type { Arena } from "./arena.js";
import { BlockMemory } from "./block-memory.js";
import { PreparedEntry } from "./entry.js";
import { WasmResident } from "./resident.js";

/** A buffer the host may read and write. */
interface NamedBuffer {
  readonly operand: Operand;
  readonly address: number;
  readonly length: number;
}

export class WasmExecutable implements Executable {
  readonly #arena: Arena;
  readonly #blocks: BlockMemory;
  readonly #onDispose: () => void;
  readonly #entries = new Map<string, PreparedEntry>();
  readonly #buffers = new Map<string, NamedBuffer>();
  readonly #bindings = new Map<string, WasmResident>();
  #failure: { readonly error: unknown } | undefined;
  #ended: "disposed" | "closed" | undefined;

  constructor(arena: Arena, onDispose: () => void) {
    this.#arena = arena;
    this.#blocks = new BlockMemory(arena);
    this.#onDispose = onDispose;
  }

  async prepare(entry: Entry): Promise<void> {
    const where = `prepare "${entry.name}"`;
    this.#assertUsable(where);
    if (this.#entries.has(entry.name)) {
      throw new HoneError("BadArgument", where, "it is prepared already. Use another name.");
    }
    const made = this.#blocks.reserve(entry.blocks, where);
    let prepared: PreparedEntry | undefined;
    try {
      prepared = new PreparedEntry(entry, this.#arena, this.#blocks, this.#liveBindings());
      const buffers = this.#namedBuffers(entry, where);
      for (const { operand, value } of entry.constants) {
        this.#copyInto(this.#place(operand, where), value, where);
      }
      for (const [name, buffer] of buffers) this.#buffers.set(name, buffer);
      this.#entries.set(entry.name, prepared);
    } catch (error) {
      prepared?.release();
      this.#blocks.release(made);
      throw error;
    }
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      const where = `bind "${input}"`;
      if (!(data instanceof WasmResident) || !data.livesIn(this.#arena)) {
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
      this.#copyInto(this.#buffer("write", buffer), data, `write "${buffer}"`);
    });
  }

  run(entry: string, range: { readonly first: number; readonly steps: number }): void {
    if (this.#failure !== undefined || this.#ended) return;
    try {
      const { calls } = this.#runnable(entry);
      const end = range.first + range.steps;
      for (let step = range.first; step < end; step++) {
        for (let index = 0; index < calls.length; index++) calls[index]?.(step);
      }
    } catch (error) {
      this.#failure = { error };
    }
  }

  async read(buffers: readonly string[]): Promise<TypedArray[]> {
    this.#assertUsable("read");
    this.#throwFailure();
    return buffers.map((name) => this.#view(this.#buffer("read", name)).slice());
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

  #end(how: "disposed" | "closed"): void {
    if (this.#ended) return;
    this.#ended = how;
    for (const entry of this.#entries.values()) entry.release();
    this.#entries.clear();
    this.#buffers.clear();
    this.#bindings.clear();
    this.#blocks.clear();
    this.#onDispose();
  }

  /** Does what `write` or `bind` asks, keeping the first failure for `read` or `sync`. */
  #attempt(action: () => void): void {
    if (this.#failure !== undefined || this.#ended) return;
    try {
      action();
    } catch (error) {
      this.#failure = { error };
    }
  }

  #liveBindings(): Map<string, WasmResident> {
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
    if (failure !== undefined) throw failure.error;
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

  #place(operand: Operand, where: string): NamedBuffer {
    const address = this.#blocks.addressOf(operand, where);
    return { operand, address, length: sizeOf(operand.shape) };
  }

  #view({ operand, address, length }: NamedBuffer): TypedArray {
    const { dtype } = operand;
    invariant(dtype !== "uint8", "view", "uint8 buffers exist in data sets alone");
    return this.#arena.view(address, length, dtype);
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
      buffers.set(name, this.#place(operand, where));
    }
    return buffers;
  }

  /** Copies `data` to the start of the buffer; float64 rounds to float32. */
  #copyInto(buffer: NamedBuffer, data: TypedArray, where: string): void {
    if (data.length > buffer.length) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `${data.length} elements do not fit in ${buffer.length}. Give that many or fewer.`,
      );
    }
    const { dtype } = buffer.operand;
    const fits = data instanceof Uint8Array || (dtype === "int32") === data instanceof Int32Array;
    if (!fits) {
      throw new HoneError(
        "BadData",
        where,
        `the buffer is ${dtype}, the data a ${data.constructor.name}. Convert it first.`,
      );
    }
    this.#view(buffer).set(data);
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
