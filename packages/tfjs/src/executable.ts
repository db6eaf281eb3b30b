/** Runs prepared entries call by call through stock kernels, on the calling thread. */
import {
  BlockTable,
  checkFit,
  columnMismatch,
  disposedData,
  disposedExecutable,
  type Entry,
  type Executable,
  FailureLatch,
  foreignData,
  HoneError,
  type KernelTime,
  NamedBuffers,
  type Operand,
  preparedAlready,
  preparing,
  type Resident,
  sizeOf,
  type Target,
  type TypedArray,
  unboundData,
  unknownEntry,
  unreadData,
} from "@hone/core/backend";
import { firstElement, LoweredCall, type Shared } from "./lowered-call.js";
import { BlockMemory } from "./memory/block-memory.js";
import { lastUses } from "./memory/last-uses.js";
import type { ElementType, Store } from "./memory/source.js";
import type { Composition } from "./ops/stock-op.js";
import { StockResident } from "./resident.js";

/** What an executable must know of its device. */
export interface Owner {
  readonly store: Store;
  readonly ops: ReadonlyMap<string, Composition>;
  readonly target: Target;
  /** Why the device computes no more, if it does not. */
  readonly lostReason: string | undefined;
  /** Waits for the device, and throws what went wrong outside of any call. */
  finish(): Promise<void>;
  forget(executable: StockExecutable): void;
}

interface Prepared {
  /** What it shares with other entries, by name. */
  readonly shares: Pick<Entry, "blocks" | "buffers">;
  readonly calls: readonly LoweredCall[];
  readonly names: readonly string[];
  /** Blocks to clear after a call. */
  readonly frees: readonly (readonly { name: string; memory: BlockMemory }[])[];
  /** Operands in resident blocks. */
  readonly residents: readonly Operand[];
}

export class StockExecutable implements Executable {
  readonly #owner: Owner;
  readonly #blocks: BlockTable<BlockMemory>;
  readonly #buffers = new NamedBuffers();
  readonly #entries = new Map<string, Prepared>();
  readonly #bindings = new Map<string, StockResident>();
  readonly #failure = new FailureLatch();
  readonly #shared: Shared;
  #ended: "disposed" | "closed" | undefined;

  constructor(owner: Owner) {
    this.#owner = owner;
    this.#blocks = new BlockTable({
      maxBlockBytes: owner.target.maxBlockBytes,
      precision: owner.target.precision,
      allocate: () => new BlockMemory(owner.store),
      free: (memory) => memory.clear(),
    });
    this.#shared = {
      store: owner.store,
      ops: owner.ops,
      masks: new Map(),
      column: (block) => (this.#bindings.get(block) as StockResident).column(block),
    };
  }

  async prepare(entry: Entry): Promise<void> {
    const where = preparing(entry);
    this.#assertUsable(where);
    if (this.#entries.has(entry.name)) throw preparedAlready(entry);
    this.#blocks.reserve(entry.blocks, where);
    try {
      const prepared = this.#lower(entry, where);
      this.#buffers.check(entry.buffers, where);
      for (const operand of Object.values(entry.buffers)) this.#blocks.spaceOf(operand, where);
      for (const { operand, value } of entry.constants) this.#copyInto(operand, value, where);
      this.#buffers.add(entry.buffers);
      this.#entries.set(entry.name, prepared);
    } catch (error) {
      this.#blocks.release(entry.blocks);
      throw error;
    }
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      if (!(data instanceof StockResident) || data.store !== this.#owner.store) {
        throw foreignData(input);
      }
      const readers = [...this.#entries.values()].flatMap(({ residents }) =>
        residents.filter(({ block }) => block === input),
      );
      if (readers.length === 0) throw unreadData(input);
      const column = data.column(input);
      const problems = readers.map((operand) => columnMismatch(operand, column));
      if (problems.every((problem) => problem !== undefined)) throw problems[0];
      this.#bindings.set(input, data);
    });
  }

  write(buffer: string, data: TypedArray): void {
    this.#attempt(() => {
      this.#copyInto(this.#buffers.find("write", buffer), data, `write "${buffer}"`);
    });
  }

  run(entry: string, { first, steps }: { readonly first: number; readonly steps: number }): void {
    this.#attempt(() => {
      const prepared = this.#runnable(entry);
      for (let step = first; step < first + steps; step++) {
        for (const [index, call] of prepared.calls.entries()) {
          call.run(step);
          this.#free(prepared, index);
        }
        this.#shared.masks.clear();
      }
    });
  }

  async read(buffers: readonly string[]): Promise<TypedArray[]> {
    this.#assertUsable("read");
    this.#failure.release();
    const operands = buffers.map((name) => this.#buffers.find("read", name));
    // All begin before anything is waited for, so all see the same state.
    const values = await Promise.all(
      operands.map((operand) =>
        this.#blocks
          .spaceOf(operand, "read")
          .read(firstElement(operand), sizeOf(operand.shape), typeOf(operand)),
      ),
    );
    await this.#owner.finish();
    return values;
  }

  async sync(): Promise<void> {
    this.#assertUsable("sync");
    this.#failure.release();
    await this.#owner.finish();
  }

  /** One figure a call, waiting after each where the device computes by itself. */
  async profile(
    entry: string,
    { first, steps }: { readonly first: number; readonly steps: number },
  ): Promise<readonly KernelTime[]> {
    this.#assertUsable("profile");
    this.#failure.release();
    const prepared = this.#runnable(entry);
    const times = prepared.names.map(() => 0);
    for (let step = first; step < first + steps; step++) {
      for (const [index, call] of prepared.calls.entries()) {
        const beganMs = performance.now();
        call.run(step);
        await this.#owner.finish();
        times[index] = (times[index] as number) + 1000 * (performance.now() - beganMs);
        this.#free(prepared, index);
      }
      this.#shared.masks.clear();
    }
    return times.map((microseconds, call) => ({
      kernel: prepared.names[call] as string,
      call,
      microseconds,
    }));
  }

  forget(name: string): void {
    if (this.#ended) return;
    const entry = this.#entries.get(name);
    if (!entry) {
      this.#failure.keep(unknownEntry(name, this.#entries.keys(), "forget"));
      return;
    }
    this.#entries.delete(name);
    for (const call of entry.calls) call.release();
    this.#buffers.remove(entry.shares.buffers);
    this.#blocks.release(entry.shares.blocks);
  }

  dispose(): void {
    this.#end("disposed");
  }

  /** Disposes it because its device was closed, so that later uses say so. */
  closeWithDevice(): void {
    this.#end("closed");
  }

  #lower(entry: Entry, where: string): Prepared {
    const calls = entry.calls.map(
      (call) => new LoweredCall(entry, call, this.#blocks, this.#shared),
    );
    const uses = lastUses(entry);
    const resident = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
    const operands = entry.calls.flatMap(({ inputs }) => inputs);
    const memoryOf = (name: string) =>
      this.#blocks.spaceOf({ block: name, byteOffset: 0, shape: [0], dtype: "float32" }, where);
    return {
      shares: { blocks: entry.blocks, buffers: entry.buffers },
      calls,
      names: entry.calls.map(({ op }) => op),
      frees: calls.map((_, index) =>
        (uses.get(index) ?? []).map((name) => ({ name, memory: memoryOf(name) })),
      ),
      residents: operands.filter(({ block }) => resident.includes(block)),
    };
  }

  /** Clears in mid-step what this entry alone uses. */
  #free({ frees }: Prepared, call: number): void {
    for (const { name, memory } of frees[call] ?? []) {
      if (this.#blocks.users(name) === 1) memory.clear();
    }
  }

  #end(how: "disposed" | "closed"): void {
    if (this.#ended) return;
    this.#ended = how;
    for (const { calls } of this.#entries.values()) for (const call of calls) call.release();
    this.#entries.clear();
    this.#buffers.clear();
    this.#bindings.clear();
    this.#blocks.clear();
    this.#owner.forget(this);
  }

  #attempt(action: () => void): void {
    if (!this.#ended) this.#failure.attempt(action);
  }

  #assertUsable(where: string): void {
    const reason =
      this.#ended === "closed"
        ? "the device was closed"
        : this.#owner.lostReason && `the device was lost: ${this.#owner.lostReason}`;
    if (reason) throw new HoneError("DeviceLost", where, `${reason}. Open another.`);
    if (this.#ended === "disposed") throw disposedExecutable(where);
  }

  /** @throws what is wrong with the entry or with a data set it reads */
  #runnable(name: string): Prepared {
    const entry = this.#entries.get(name);
    if (!entry) throw unknownEntry(name, this.#entries.keys());
    for (const operand of entry.residents) {
      const { block } = operand;
      const bound = this.#bindings.get(block);
      if (!bound) throw unboundData(block);
      if (bound.disposed) throw disposedData(name, block);
      const problem = columnMismatch(operand, bound.column(block));
      if (problem) throw problem;
    }
    return entry;
  }

  /** Puts a copy of `data` at the start of the operand. */
  #copyInto(operand: Operand, data: TypedArray, where: string): void {
    const memory = this.#blocks.spaceOf(operand, where);
    checkFit(operand, data, where);
    const dtype = typeOf(operand);
    const copy = dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data);
    memory.putValues(firstElement(operand), copy, dtype);
  }
}

const typeOf = ({ dtype }: Operand): ElementType => (dtype === "int32" ? "int32" : "float32");
