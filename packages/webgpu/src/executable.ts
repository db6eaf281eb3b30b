/**
 * Entries over one set of GPU buffers.
 *
 * All checks are made when a method is called; what passes takes its turn in the device's queue. After
 * a failure, writes, binds and runs do nothing until `read` or `sync` has thrown it.
 */
import {
  BlockTable,
  blockTooLarge,
  checkFit,
  type Device,
  disposedData,
  disposedExecutable,
  type Entry,
  type Executable,
  FailureLatch,
  foreignData,
  invariant,
  NamedBuffers,
  type Operand,
  preparedAlready,
  preparing,
  type Resident,
  type TypedArray,
  unboundData,
  unknownEntry,
  unreadData,
} from "@hone/core/backend";
import type { CommandQueue } from "./command-queue.js";
import type { LabelledDispatch, LoweredEntry, Place } from "./dispatch.js";
import type { GpuMemory } from "./memory.js";
import type { Pipelines } from "./pipelines.js";
import { Recording } from "./recording.js";
import { type Column, WebgpuResident } from "./resident.js";
import type { Staging } from "./staging.js";
import type { StepCounter } from "./step-counter.js";
import { BUFFER_USAGE } from "./usage.js";

const BLOCK_USAGE = BUFFER_USAGE.storage | BUFFER_USAGE.copySource | BUFFER_USAGE.copyDestination;

/** A device, and what its executables share. */
export interface SharedGpu extends Device {
  readonly gpu: GPUDevice;
  readonly buffers: GpuMemory;
  readonly steps: StepCounter;
  readonly pipelines: Pipelines;
  readonly commands: CommandQueue;
  readonly staging: Staging;
  /** Runs `make`, which must not wait for anything. @throws OutOfMemory, Internal, as WebGPU says */
  scoped<T>(what: string, make: () => T): Promise<T>;
}

/** A column bound to a resident block, and the data set it is of. */
interface Bound {
  readonly data: WebgpuResident;
  readonly column: Column;
}

export class WebgpuExecutable implements Executable {
  readonly #device: SharedGpu;
  readonly #blocks: BlockTable<GPUBuffer>;
  readonly #buffers = new NamedBuffers();
  readonly #recordings = new Map<string, Recording>();
  readonly #bindings = new Map<string, Bound>();
  readonly #failure = new FailureLatch();
  #disposed = false;

  constructor(device: SharedGpu) {
    this.#device = device;
    const { buffers, target } = device;
    this.#blocks = new BlockTable({
      maxBlockBytes: target.maxBlockBytes,
      precision: target.precision,
      allocate: (bytes, where) => buffers.create(where, bytes, BLOCK_USAGE),
      free: (buffer) => this.#freeInTurn(buffer),
    });
  }

  prepare(entry: Entry): Promise<void> {
    return this.#device.commands.untilLost(() => this.#prepare(entry));
  }

  async #prepare(entry: Entry): Promise<void> {
    const where = preparing(entry);
    this.#checkNew(entry, where);
    const { dispatches } = entry as LoweredEntry;
    invariant(dispatches, where, "its calls have not been lowered");
    const compiled = await this.#device.pipelines.compile(dispatches);
    let isReserved = false;
    let workspace: GPUBuffer | undefined;
    try {
      this.#checkNew(entry, where);
      const recording = await this.#device.scoped(where, () => {
        this.#blocks.reserve(entry.blocks, where);
        isReserved = true;
        this.#buffers.check(entry.buffers, where);
        for (const operand of Object.values(entry.buffers)) this.#blocks.spaceOf(operand, where);
        workspace = this.#reserveWorkspace(dispatches, where);
        const find = (at: Place) =>
          "workspace" in at ? (workspace as GPUBuffer) : this.#blocks.spaceOf(at, where);
        const parts = { entry, dispatches, compiled, workspace };
        const recorded = new Recording(this.#device.gpu, parts, find);
        for (const [input, bound] of this.#bindings) {
          if (!bound.data.disposed) bindIfSuited(recorded, input, bound);
        }
        recorded.rehearse((pass) => this.#device.steps.set(pass, 0));
        return recorded;
      });
      for (const { operand, value } of entry.constants) this.#copyInto(operand, value, where);
      this.#buffers.add(entry.buffers);
      this.#recordings.set(entry.name, recording);
    } catch (error) {
      if (isReserved) this.#blocks.release(entry.blocks);
      if (workspace) this.#device.buffers.destroy(workspace);
      this.#device.pipelines.release(dispatches);
      throw error;
    }
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      if (!(data instanceof WebgpuResident) || data.device !== this.#device) {
        throw foreignData(input);
      }
      const bound = { data, column: data.column(input) };
      const readers = [...this.#recordings.values()].filter(({ residents }) =>
        residents.includes(input),
      );
      if (readers.length === 0) throw unreadData(input);
      const problems = readers.map((recording) => recording.mismatch(input, bound.column));
      if (problems.every((problem) => problem !== undefined)) throw problems[0];
      this.#bindings.set(input, bound);
      this.#device.commands.after(() => {
        for (const recording of readers) bindIfSuited(recording, input, bound);
      });
    });
  }

  write(buffer: string, data: TypedArray): void {
    this.#attempt(() => {
      this.#copyInto(this.#buffers.find("write", buffer), data, `write "${buffer}"`);
    });
  }

  run(entry: string, range: { readonly first: number; readonly steps: number }): void {
    this.#attempt(() => {
      const recording = this.#runnable(entry);
      this.#device.commands.run(recording, range.first, range.steps);
    });
  }

  async read(buffers: readonly string[]): Promise<TypedArray[]> {
    this.#checkUsable("read");
    this.#failure.release();
    const sources = buffers.map((name) => {
      const operand = this.#buffers.find("read", name);
      return { operand, buffer: this.#blocks.spaceOf(operand, "read") };
    });
    return this.#device.commands.wait(() => this.#device.staging.read(sources));
  }

  async sync(): Promise<void> {
    this.#checkUsable("sync");
    this.#failure.release();
    const { commands, gpu } = this.#device;
    await commands.wait(() => gpu.queue.onSubmittedWorkDone());
  }

  forget(name: string): void {
    if (this.#disposed) return;
    const recording = this.#recordings.get(name);
    if (!recording) {
      this.#failure.keep(unknownEntry(name, this.#recordings.keys(), "forget"));
      return;
    }
    this.#recordings.delete(name);
    this.#buffers.remove(recording.shares.buffers);
    this.#blocks.release(recording.shares.blocks);
    this.#release(recording);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#blocks.clear();
    for (const recording of this.#recordings.values()) this.#release(recording);
    this.#recordings.clear();
    this.#bindings.clear();
  }

  /** What a recording has beside the blocks. */
  #release({ workspace, dispatches }: Recording): void {
    if (workspace) this.#freeInTurn(workspace);
    this.#device.pipelines.release(dispatches);
  }

  /** Runs that wait for their submit still name the buffer; the GPU keeps what was submitted. */
  #freeInTurn(buffer: GPUBuffer): void {
    const { buffers, commands } = this.#device;
    commands.after(() => buffers.destroy(buffer));
  }

  /** As long as the furthest scratch of any dispatch. */
  #reserveWorkspace(dispatches: readonly LabelledDispatch[], where: string) {
    const longest = dispatches
      .flatMap(({ places }) => places)
      .reduce(
        (length, at) => ("workspace" in at ? Math.max(length, at.offset + at.length) : length),
        0,
      );
    if (longest === 0) return undefined;
    const { buffers, target } = this.#device;
    const bytes = longest * 4;
    if (bytes > target.maxBlockBytes) {
      throw blockTooLarge(where, "workspace", bytes, target.maxBlockBytes);
    }
    return buffers.create(`workspace of ${where}`, bytes, BUFFER_USAGE.storage);
  }

  #runnable(name: string): Recording {
    const recording = this.#recordings.get(name);
    if (!recording) throw unknownEntry(name, this.#recordings.keys());
    for (const block of recording.residents) {
      const bound = this.#bindings.get(block);
      if (!bound) throw unboundData(block);
      if (bound.data.disposed) throw disposedData(name, block);
      const problem = recording.mismatch(block, bound.column);
      if (problem) throw problem;
    }
    return recording;
  }

  #copyInto(operand: Operand, data: TypedArray, where: string): void {
    const buffer = this.#blocks.spaceOf(operand, where);
    checkFit(operand, data, where);
    if (data.length === 0) return;
    const { commands, gpu } = this.#device;
    const kept = asElements(operand, commands.idle ? data : data.slice());
    commands.after(() => gpu.queue.writeBuffer(buffer, operand.byteOffset, kept));
  }

  #checkNew(entry: Entry, where: string): void {
    this.#checkUsable(where);
    if (this.#recordings.has(entry.name)) throw preparedAlready(entry);
  }

  #attempt(action: () => void): void {
    if (!this.#disposed) this.#failure.attempt(action);
  }

  #checkUsable(where: string): void {
    if (this.#disposed) throw disposedExecutable(where);
  }
}

function bindIfSuited(recording: Recording, input: string, { data, column }: Bound): void {
  if (!recording.mismatch(input, column)) recording.bind(input, data, column);
}

/** The data as the operand's elements, in memory that is not shared. */
function asElements(
  operand: Operand,
  data: TypedArray,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const own = data.buffer instanceof ArrayBuffer;
  if (operand.dtype === "int32") {
    const same = own && data instanceof Int32Array;
    return same ? (data as Int32Array<ArrayBuffer>) : Int32Array.from(data);
  }
  const same = own && data instanceof Float32Array;
  return same ? (data as Float32Array<ArrayBuffer>) : Float32Array.from(data);
}
