/** Runs prepared entries on the calling thread, so `run` has computed when it returns. */
import type { Executable, KernelTime, Resident } from "../backend.js";
import type { Entry, Operand } from "../plan/program.js";
import type { TypedArray } from "../typed-array.js";
import { BlockTable } from "./block-table.js";
import { FailureLatch } from "./failure-latch.js";
import { HostEntry } from "./host-entry.js";
import type { HostMachine, HostView, LoweredEntry } from "./host-machine.js";
import { HostResident } from "./host-resident.js";
import {
  disposedData,
  disposedExecutable,
  foreignData,
  lostDevice,
  preparedAlready,
  preparing,
  unknownEntry,
  unreadData,
} from "./misuse.js";
import { checkFit, NamedBuffers } from "./named-buffers.js";

export class HostExecutable<Space> implements Executable {
  readonly #machine: HostMachine<Space>;
  readonly #onEnd: () => void;
  readonly #blocks: BlockTable<Space>;
  readonly #buffers = new NamedBuffers();
  readonly #entries = new Map<string, HostEntry<Space>>();
  readonly #bindings = new Map<string, HostResident<Space>>();
  readonly #failure = new FailureLatch();
  #disposed = false;
  /** What has become of its device. */
  #fate: string | undefined;

  constructor(machine: HostMachine<Space>, onEnd: () => void) {
    this.#machine = machine;
    this.#onEnd = onEnd;
    this.#blocks = new BlockTable({
      maxBlockBytes: machine.target.maxBlockBytes,
      precision: machine.target.precision,
      allocate: (bytes, where) => machine.allocate(bytes, where),
      free: (space) => machine.free(space),
    });
  }

  async prepare(entry: Entry): Promise<void> {
    const where = preparing(entry);
    this.#assertUsable(where);
    if (this.#entries.has(entry.name)) throw preparedAlready(entry);
    this.#blocks.reserve(entry.blocks, where);
    let lowered: LoweredEntry<Space> | undefined;
    try {
      lowered = this.#machine.lower(entry, this.#blocks);
      const prepared = new HostEntry(entry, lowered, this.#liveBindings());
      this.#buffers.check(entry.buffers, where);
      for (const operand of Object.values(entry.buffers)) this.#blocks.spaceOf(operand, where);
      for (const { operand, value } of entry.constants) this.#copyInto(operand, value, where);
      this.#buffers.add(entry.buffers);
      this.#entries.set(entry.name, prepared);
    } catch (error) {
      lowered?.release?.();
      this.#blocks.release(entry.blocks);
      throw error;
    }
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      if (!this.#isOwn(data)) throw foreignData(input);
      const readers = [...this.#entries.values()].filter(({ residents }) =>
        residents.includes(input),
      );
      if (readers.length === 0) throw unreadData(input);
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
      this.#copyInto(this.#buffers.find("write", buffer), data, `write "${buffer}"`);
    });
  }

  /** Written out, where `write` and `bind` use `attempt`: a function made here would be garbage. */
  run(entry: string, range: { readonly first: number; readonly steps: number }): void {
    if (this.#failure.holds || this.#disposed) return;
    try {
      this.#runnable(entry).run(range.first, range.steps);
    } catch (error) {
      this.#failure.keep(error);
    }
  }

  async read(buffers: readonly string[]): Promise<TypedArray[]> {
    this.#assertUsable("read");
    this.#failure.release();
    return buffers.map((name) => this.#view(this.#buffers.find("read", name), "read").slice());
  }

  async sync(): Promise<void> {
    this.#assertUsable("sync");
    this.#failure.release();
  }

  async profile(
    entry: string,
    range: { readonly first: number; readonly steps: number },
  ): Promise<readonly KernelTime[]> {
    this.#assertUsable("profile");
    this.#failure.release();
    return this.#runnable(entry).profile(range.first, range.steps);
  }

  async threads(): Promise<Readonly<Record<string, readonly number[]>>> {
    const counted: Record<string, readonly number[]> = {};
    for (const [name, { threads }] of this.#entries) if (threads) counted[name] = threads;
    return counted;
  }

  forget(name: string): void {
    if (this.#disposed) return;
    const entry = this.#entries.get(name);
    if (!entry) {
      this.#failure.keep(unknownEntry(name, this.#entries.keys(), "forget"));
      return;
    }
    this.#entries.delete(name);
    entry.release();
    this.#buffers.remove(entry.shares.buffers);
    this.#blocks.release(entry.shares.blocks);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const entry of this.#entries.values()) entry.release();
    this.#entries.clear();
    this.#buffers.clear();
    this.#bindings.clear();
    this.#blocks.clear();
    this.#onEnd();
  }

  /**
   * Disposes it because its device is gone, so that later uses say so.
   * @param fate of the device: see `lostDevice`
   */
  endWithDevice(fate: string): void {
    this.#fate ??= fate;
    this.dispose();
  }
  #attempt(action: () => void): void {
    if (!this.#disposed) this.#failure.attempt(action);
  }

  #assertUsable(where: string): void {
    if (this.#fate !== undefined) throw lostDevice(where, this.#fate);
    if (this.#disposed) throw disposedExecutable(where);
  }

  #isOwn(data: Resident): data is HostResident<Space> {
    return data instanceof HostResident && data.machine === this.#machine;
  }

  #liveBindings(): Map<string, HostResident<Space>> {
    return new Map([...this.#bindings].filter(([, resident]) => !resident.disposed));
  }

  #runnable(name: string): HostEntry<Space> {
    const entry = this.#entries.get(name);
    if (!entry) throw unknownEntry(name, this.#entries.keys());
    const { residents } = entry;
    for (let index = 0; index < residents.length; index++) {
      const block = residents[index] as string;
      if (this.#bindings.get(block)?.disposed) throw disposedData(name, block);
    }
    return entry;
  }

  #view(operand: Operand, where: string): HostView {
    return this.#machine.view(this.#blocks.spaceOf(operand, where), operand);
  }

  /** Copies `data` to the start of the operand; floats round to the device's precision. */
  #copyInto(operand: Operand, data: TypedArray, where: string): void {
    const view = this.#view(operand, where);
    checkFit(operand, data, where);
    view.set(data);
  }
}
