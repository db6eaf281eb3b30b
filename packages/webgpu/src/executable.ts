/** Entries over one set of GPU buffers. */
import {
  type Block,
  type Entry,
  type Executable,
  HoneError,
  isHoneError,
  type Operand,
  type Resident,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import type { WebgpuDevice } from "./device.js";
import { dispatchesOf } from "./kernels/index.js";
import { type Binding, lengthOf } from "./kernels/kernel.js";
import { type LabelledDispatch, Recording } from "./recording.js";
import { WebgpuResident } from "./resident.js";
import { BUFFER_USAGE } from "./usage.js";

const WHERE = "webgpu executable";
const MEMORY_USAGE = BUFFER_USAGE.storage | BUFFER_USAGE.copySource | BUFFER_USAGE.copyDestination;

interface HeldBlock {
  readonly block: Block;
  /** Missing for a resident block. */
  readonly buffer: GPUBuffer | undefined;
}

export class WebgpuExecutable implements Executable {
  readonly #device: WebgpuDevice;
  readonly #blocks = new Map<string, HeldBlock>();
  readonly #named = new Map<string, Operand>();
  readonly #recordings = new Map<string, Recording>();
  readonly #bound = new Map<string, WebgpuResident>();
  readonly #workspaces: GPUBuffer[] = [];
  #failure: HoneError | undefined;
  #disposed = false;
  readonly #fail = (error: HoneError) => {
    this.#failure ??= error;
  };

  constructor(device: WebgpuDevice) {
    this.#device = device;
  }

  async prepare(entry: Entry): Promise<void> {
    this.#checkUsable();
    this.#checkBlocks(entry);
    const dispatches = entry.calls.flatMap((call): LabelledDispatch[] =>
      dispatchesOf(call, this.#device.traits).map((dispatch) => ({
        dispatch,
        label: call.label === undefined ? call.op : `${call.op} of ${call.label}`,
      })),
    );
    const compiled = await this.#device.pipelines.compile(dispatches);
    this.#checkUsable();
    this.#checkBlocks(entry);
    const made: GPUBuffer[] = [];
    const added: string[] = [];
    let recording: Recording | undefined;
    try {
      await this.#device.scoped(`prepare "${entry.name}"`, () => {
        for (const block of entry.blocks) {
          if (this.#blocks.has(block.name)) continue;
          this.#blocks.set(block.name, { block, buffer: this.#allocate(block, made) });
          added.push(block.name);
        }
        const workspace = this.#workspace(entry, dispatches, made);
        const find = (binding: Binding) => this.#find(binding, workspace);
        const { gpu } = this.#device;
        recording = new Recording(gpu, entry, dispatches, compiled, find);
        for (const [name, resident] of this.#bound) recording.bind(name, resident);
        this.#rehearse(recording);
      });
    } catch (error) {
      for (const name of added) this.#blocks.delete(name);
      for (const buffer of made) this.#device.buffers.destroy(buffer);
      throw error;
    }
    this.#recordings.set(entry.name, recording as unknown as Recording);
    for (const [name, operand] of Object.entries(entry.buffers)) this.#named.set(name, operand);
    for (const { operand, value } of entry.constants) this.#writeTo(operand, value);
  }

  bind(input: string, data: Resident): void {
    this.#attempt(() => {
      if (!(data instanceof WebgpuResident) || data.device !== this.#device) {
        const what = `"${input}" is bound to data of another device. Upload it to this one.`;
        throw new HoneError("BadArgument", WHERE, what);
      }
      if (data.disposed) {
        const what = `"${input}" is bound to data that was disposed. Upload it again.`;
        throw new HoneError("BadArgument", WHERE, what);
      }
      if (!data.columns.has(input)) {
        const names = [...data.columns.keys()].join(", ");
        const what = `the data has no column "${input}", only ${names}. Upload one of that name.`;
        throw new HoneError("BadData", WHERE, what);
      }
      this.#device.commands.after(() => this.#attempt(() => this.#bindNow(input, data)));
    });
  }

  write(buffer: string, data: TypedArray): void {
    this.#attempt(() => this.#writeTo(this.#operand(buffer), data, buffer));
  }

  run(entry: string, range: { readonly first: number; readonly steps: number }): void {
    this.#attempt(() => {
      const recording = this.#recordings.get(entry);
      if (!recording) {
        const known = [...this.#recordings.keys()].join(", ");
        const what = `no entry "${entry}", only ${known}. Prepare it first.`;
        throw new HoneError("BadArgument", WHERE, what);
      }
      this.#device.commands.run(recording, range.first, range.steps, this.#fail);
    });
  }

  async read(buffers: readonly string[]): Promise<TypedArray[]> {
    this.#checkUsable();
    const sources = buffers.map((name) => {
      const operand = this.#operand(name);
      return { operand, buffer: this.#blocks.get(operand.block)?.buffer as GPUBuffer };
    });
    const arrays = await this.#device.commands.wait(() => this.#device.staging.read(sources));
    this.#throwFailure();
    return arrays;
  }

  async sync(): Promise<void> {
    this.#checkUsable();
    const { commands, gpu } = this.#device;
    await commands.wait(() => gpu.queue.onSubmittedWorkDone());
    this.#throwFailure();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const held = [...this.#blocks.values()].flatMap(({ buffer }) => buffer ?? []);
    this.#device.commands.after(() => {
      for (const buffer of [...held, ...this.#workspaces]) this.#device.buffers.destroy(buffer);
    });
    this.#recordings.clear();
  }

  #bindNow(input: string, data: WebgpuResident): void {
    if (this.#bound.get(input) === data) return;
    this.#bound.set(input, data);
    for (const recording of this.#recordings.values()) recording.bind(input, data);
  }

  #allocate(block: Block, made: GPUBuffer[]): GPUBuffer | undefined {
    if (block.kind === "resident") return undefined;
    const label = `block ${block.name}`;
    const buffer = this.#device.buffers.create(label, block.length * 4, MEMORY_USAGE);
    made.push(buffer);
    return buffer;
  }

  /** The longest scratch any dispatch asks for: each is used up before the next begins. */
  #workspace(
    entry: Entry,
    dispatches: readonly LabelledDispatch[],
    made: GPUBuffer[],
  ): GPUBuffer | undefined {
    const lengths = dispatches.flatMap(({ dispatch }) =>
      dispatch.bindings.filter(({ at }) => "workspace" in at).map(({ at }) => lengthOf(at)),
    );
    if (lengths.length === 0) return undefined;
    const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
    const label = `workspace ${entry.name}`;
    const buffer = this.#device.buffers.create(label, longest * 4, BUFFER_USAGE.storage);
    made.push(buffer);
    this.#workspaces.push(buffer);
    return buffer;
  }

  #find({ at }: Binding, workspace: GPUBuffer | undefined): GPUBuffer | undefined {
    if ("workspace" in at) return workspace;
    const held = this.#blocks.get(at.block);
    if (held?.block.kind !== "resident") return held?.buffer;
    const column = this.#bound.get(at.block)?.columns.get(at.block);
    if (!column) return undefined;
    if (column.dtype !== at.dtype || column.rowLength !== sizeOf(at.shape)) {
      const what = `column "${at.block}" holds ${column.dtype} rows of ${column.rowLength} and the entry was prepared for ${at.dtype} rows of ${sizeOf(at.shape)}. Upload data like that.`;
      throw new HoneError("BadData", WHERE, what);
    }
    return column.buffer;
  }

  /** Encodes one step and throws it away: what WebGPU finds wrong with it is heard while loading. */
  #rehearse(recording: Recording): void {
    if (recording.unbound !== undefined) return;
    const encoder = this.#device.gpu.createCommandEncoder({ label: `rehearse ${recording.name}` });
    const pass = encoder.beginComputePass();
    if (recording.usesStep) this.#device.steps.set(pass, 0);
    recording.encode(pass);
    pass.end();
    encoder.finish();
  }

  #writeTo(operand: Operand, data: TypedArray, name?: string): void {
    const length = sizeOf(operand.shape);
    if (data.length > length) {
      const what = `${data.length} elements do not fit "${name ?? operand.block}", which holds ${length}. Write no more.`;
      throw new HoneError("ShapeMismatch", WHERE, what);
    }
    const buffer = this.#blocks.get(operand.block)?.buffer;
    if (!buffer) {
      const what = `"${name ?? operand.block}" is a column of the data. Bind data instead.`;
      throw new HoneError("BadArgument", WHERE, what);
    }
    if (data.length === 0) return;
    const { commands, gpu } = this.#device;
    const kept = commands.idle ? plain(operand, data) : plain(operand, data.slice());
    commands.after(() => gpu.queue.writeBuffer(buffer, operand.offset * 4, kept));
  }

  #operand(name: string): Operand {
    const operand = this.#named.get(name);
    if (operand) return operand;
    const what = `no buffer "${name}" in the entries prepared so far. Prepare the entry that has it.`;
    throw new HoneError("BadArgument", WHERE, what);
  }

  #checkBlocks(entry: Entry): void {
    const most = this.#device.target.maxBlockLength;
    for (const { name, kind, length } of entry.blocks) {
      const held = this.#blocks.get(name)?.block;
      if (held && (held.kind !== kind || (kind === "memory" && held.length !== length))) {
        const what = `block "${name}" of entry "${entry.name}" is ${kind} with ${length} elements, and already here as ${held.kind} with ${held.length}. Please report this.`;
        throw new HoneError("Internal", WHERE, what);
      }
      if (kind === "memory" && length > most) {
        const what = `block "${name}" has ${length} elements and this GPU binds at most ${most}. Use a smaller batch.`;
        throw new HoneError("BadArgument", WHERE, what);
      }
    }
  }

  /** Runs what returns at once: its error waits for the next `read` or `sync`. */
  #attempt(action: () => void): void {
    try {
      this.#checkUsable();
      action();
    } catch (error) {
      this.#fail(
        isHoneError(error)
          ? error
          : new HoneError("Internal", WHERE, String(error), { cause: error }),
      );
    }
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  #checkUsable(): void {
    if (!this.#disposed) return;
    throw new HoneError("BadArgument", WHERE, "it was disposed. Load the program again.");
  }
}

/** The data as the operand's type, in memory that is not shared. */
function plain(
  operand: Operand,
  data: TypedArray,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const unshared = data.buffer instanceof ArrayBuffer;
  if (operand.dtype === "int32") {
    const same = unshared && data instanceof Int32Array;
    return same ? (data as Int32Array<ArrayBuffer>) : Int32Array.from(data);
  }
  const same = unshared && data instanceof Float32Array;
  return same ? (data as Float32Array<ArrayBuffer>) : Float32Array.from(data);
}
