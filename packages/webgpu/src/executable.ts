/**
 * Entries over one set of GPU buffers.
 *
 * All checks are made when a method is called; what passes takes its turn in the device's queue. After
 * a failure, writes, binds and runs do nothing until `read` or `sync` has thrown it.
 */
import {
  type Entry,
  type Executable,
  HoneError,
  isHoneError,
  type Operand,
  type Resident,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import { Blocks } from "./blocks.js";
import type { WebgpuDevice } from "./device.js";
import { dispatchesOf } from "./kernels/index.js";
import { type Binding, lengthOf } from "./kernels/kernel.js";
import { type LabelledDispatch, Recording } from "./recording.js";
import { type Column, WebgpuResident } from "./resident.js";
import { BUFFER_USAGE } from "./usage.js";

export class WebgpuExecutable implements Executable {
  readonly #device: WebgpuDevice;
  readonly #blocks: Blocks;
  readonly #buffers = new Map<string, Operand>();
  readonly #recordings = new Map<string, Recording>();
  readonly #bindings = new Map<string, WebgpuResident>();
  readonly #workspaces: GPUBuffer[] = [];
  #failure: HoneError | undefined;
  #disposed = false;

  constructor(device: WebgpuDevice) {
    this.#device = device;
    this.#blocks = new Blocks(device.buffers, device.target.maxBlockLength);
  }

  async prepare(entry: Entry): Promise<void> {
    const where = `prepare "${entry.name}"`;
    this.#checkEntry(entry, where);
    const dispatches = entry.calls.flatMap((call): LabelledDispatch[] => {
      const label = call.label === undefined ? call.op : `${call.op} of ${call.label}`;
      return dispatchesOf(call, this.#device.traits).map((dispatch) => ({ dispatch, label }));
    });
    const compiled = await this.#device.pipelines.compile(dispatches);
    this.#checkEntry(entry, where);
    let made: string[] = [];
    let workspace: GPUBuffer | undefined;
    try {
      const recording = await this.#device.scoped(where, () => {
        made = this.#blocks.reserve(entry.blocks);
        workspace = this.#reserveWorkspace(entry, dispatches);
        const find = ({ at }: Binding) =>
          "workspace" in at ? workspace : this.#blocks.buffer(at.block);
        const recorded = new Recording(this.#device.gpu, entry, dispatches, compiled, find);
        for (const [input, data] of this.#bindings) bindIfSuited(recorded, input, data);
        recorded.rehearse((pass) => this.#device.steps.set(pass, 0));
        return recorded;
      });
      for (const { operand, value } of entry.constants) this.#enqueueWrite(operand, value);
      for (const [name, operand] of Object.entries(entry.buffers)) this.#buffers.set(name, operand);
      this.#recordings.set(entry.name, recording);
      if (workspace) this.#workspaces.push(workspace);
    } catch (error) {
      this.#blocks.release(made);
      if (workspace) this.#device.buffers.destroy(workspace);
      throw error;
    }
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      const where = `bind "${input}"`;
      const { resident, column } = this.#columnOf(input, data, where);
      const readers = [...this.#recordings.values()].filter(({ residents }) =>
        residents.includes(input),
      );
      if (readers.length === 0) {
        const what = `no prepared entry reads a resident "${input}". Prepare one, or use another name.`;
        throw new HoneError("BadArgument", where, what);
      }
      const problems = readers.map((recording) => recording.mismatch(input, column));
      if (problems.every((problem) => problem !== undefined)) throw problems[0];
      this.#bindings.set(input, resident);
      this.#device.commands.after(() => {
        for (const recording of this.#recordings.values()) bindIfSuited(recording, input, resident);
      });
    });
  }

  write(buffer: string, data: TypedArray): void {
    this.#attempt(() => {
      const where = `write "${buffer}"`;
      const operand = this.#operand(where, buffer);
      checkFit(operand, data, where);
      this.#enqueueWrite(operand, data);
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
    this.#throwFailure();
    const sources = buffers.map((name) => {
      const operand = this.#operand("read", name);
      return { operand, buffer: this.#blocks.buffer(operand.block) as GPUBuffer };
    });
    return this.#device.commands.wait(() => this.#device.staging.read(sources));
  }

  async sync(): Promise<void> {
    this.#checkUsable("sync");
    this.#throwFailure();
    const { commands, gpu } = this.#device;
    await commands.wait(() => gpu.queue.onSubmittedWorkDone());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#device.commands.after(() => {
      this.#blocks.releaseAll();
      for (const buffer of this.#workspaces) this.#device.buffers.destroy(buffer);
    });
    this.#recordings.clear();
    this.#bindings.clear();
  }

  /** The longest scratch any dispatch asks for: each is used up before the next begins. */
  #reserveWorkspace(entry: Entry, dispatches: readonly LabelledDispatch[]) {
    const longest = dispatches
      .flatMap(({ dispatch }) => dispatch.bindings)
      .filter(({ at }) => "workspace" in at)
      .reduce((length, { at }) => Math.max(length, lengthOf(at)), 0);
    if (longest === 0) return undefined;
    const label = `workspace ${entry.name}`;
    return this.#device.buffers.create(label, longest * 4, BUFFER_USAGE.storage);
  }

  #columnOf(
    input: string,
    data: Resident,
    where: string,
  ): { resident: WebgpuResident; column: Column } {
    if (!(data instanceof WebgpuResident) || data.device !== this.#device) {
      const what = "the data set was uploaded to another device. Upload it to this one.";
      throw new HoneError("BadArgument", where, what);
    }
    if (data.disposed) {
      throw new HoneError("BadData", where, "the data set was disposed. Bind another.");
    }
    const column = data.columns.get(input);
    if (column) return { resident: data, column };
    const what = `the data set has no such column among [${[...data.columns.keys()]}]. Upload one.`;
    throw new HoneError("BadData", where, what);
  }

  #runnable(entry: string): Recording {
    const where = `run "${entry}"`;
    const recording = this.#recordings.get(entry);
    if (!recording) {
      const known = [...this.#recordings.keys()];
      const what = `there is no such entry among [${known}]. Prepare it first.`;
      throw new HoneError("BadArgument", where, what);
    }
    for (const block of recording.residents) {
      const bound = this.#bindings.get(block);
      if (!bound) {
        const what = `no data set is bound to "${block}". Bind one first.`;
        throw new HoneError("BadArgument", where, what);
      }
      if (bound.disposed) {
        const what = `the data set bound to "${block}" was disposed. Bind another.`;
        throw new HoneError("BadData", where, what);
      }
      const problem = recording.mismatch(block, bound.columns.get(block) as Column);
      if (problem) throw problem;
    }
    return recording;
  }

  #enqueueWrite(operand: Operand, data: TypedArray): void {
    const buffer = this.#blocks.buffer(operand.block);
    if (!buffer || data.length === 0) return;
    const { commands, gpu } = this.#device;
    const kept = asElements(operand, commands.idle ? data : data.slice());
    commands.after(() => gpu.queue.writeBuffer(buffer, operand.offset * 4, kept));
  }

  #operand(where: string, name: string): Operand {
    const operand = this.#buffers.get(name);
    if (operand) return operand;
    const known = [...this.#buffers.keys()];
    const what = `there is no buffer "${name}" among [${known}]. Use one that an entry names.`;
    throw new HoneError("BadArgument", where, what);
  }

  #checkEntry(entry: Entry, where: string): void {
    this.#checkUsable(where);
    if (this.#recordings.has(entry.name)) {
      throw new HoneError("BadArgument", where, "it is prepared already. Use another name.");
    }
    this.#blocks.check(entry.blocks, where);
    for (const [name, operand] of Object.entries(entry.buffers)) {
      const known = this.#buffers.get(name);
      if (!known || samePlace(known, operand)) continue;
      const what = `buffer "${name}" is ${describe(operand)}, but another entry has it as ${describe(known)}. Use another name.`;
      throw new HoneError("ShapeMismatch", where, what);
    }
  }

  /** Does what returns at once, keeping the first failure for `read` or `sync`. */
  #attempt(action: () => void): void {
    if (this.#failure || this.#disposed) return;
    try {
      action();
    } catch (error) {
      this.#failure = isHoneError(error)
        ? error
        : new HoneError("Internal", "webgpu", `${error}. Please report this.`, { cause: error });
    }
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  #checkUsable(where: string): void {
    if (!this.#disposed) return;
    throw new HoneError("BadArgument", where, "the executable was disposed. Load it again.");
  }
}

function bindIfSuited(recording: Recording, input: string, data: WebgpuResident): void {
  const column = data.columns.get(input);
  if (column && !recording.mismatch(input, column)) recording.bind(input, data);
}

function checkFit(operand: Operand, data: TypedArray, where: string): void {
  const length = sizeOf(operand.shape);
  if (data.length > length) {
    const what = `${data.length} elements do not fit in ${length}. Give that many or fewer.`;
    throw new HoneError("ShapeMismatch", where, what);
  }
  const integers = operand.dtype === "int32";
  if (data instanceof Uint8Array || integers === data instanceof Int32Array) return;
  const what = `the buffer is ${operand.dtype}, the data a ${data.constructor.name}. Convert it first.`;
  throw new HoneError("BadData", where, what);
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
