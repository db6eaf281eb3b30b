/** One open GPU: what is shared by all executables on it, and the ear for what goes wrong. */
import {
  type Columns,
  columnTooLarge,
  countRows,
  type DeviceInfo,
  type DeviceLost,
  type Executable,
  HoneError,
  type MemoryUse,
  outOfMemory,
  type Program,
  type Progressing,
  progress,
  type Resident,
  type Target,
} from "@hone/core/backend";
import { CommandQueue } from "./command-queue.js";
import { type SharedGpu, WebgpuExecutable } from "./executable.js";
import { GpuMemory } from "./memory.js";
import { oneLine, Pipelines } from "./pipelines.js";
import { type Column, uploadColumn, WebgpuResident } from "./resident.js";
import { Staging } from "./staging.js";
import { StepCounter } from "./step-counter.js";

/** Buffers are made and bound in whole words. */
/** Little beside what a GPU has; calls of which neither waits for the other's memory become one dispatch. */
export const REST_BYTES = 2 ** 22;
const WORD_BYTES = 4;

export class WebgpuDevice implements SharedGpu, Progressing {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly lost: Promise<DeviceLost>;
  readonly gpu: GPUDevice;
  readonly buffers: GpuMemory;
  readonly steps: StepCounter;
  readonly pipelines: Pipelines;
  readonly commands: CommandQueue;
  readonly staging: Staging;
  /** Held so that the instance outlives the device. */
  readonly instance: GPU;
  #end: HoneError | undefined;
  #resolveLost: (lost: DeviceLost) => void = () => {};

  constructor(instance: GPU, gpu: GPUDevice, info: DeviceInfo) {
    this.instance = instance;
    this.gpu = gpu;
    this.info = info;
    this.buffers = new GpuMemory(gpu);
    this.steps = new StepCounter(gpu, this.buffers);
    this.pipelines = new Pipelines(gpu, this.steps.layout);
    this.commands = new CommandQueue(gpu, this.steps);
    this.staging = new Staging(gpu, this.buffers);
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.limits;
    const maxBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    this.target = {
      specVersion: 1,
      alignmentBytes: gpu.limits.minStorageBufferOffsetAlignment,
      precision: 32,
      // Those that its programs are lowered from.
      ops: [],
      maxBlockBytes: maxBytes - (maxBytes % WORD_BYTES),
      restBytes: REST_BYTES,
    };
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    gpu.lost.then(({ message }) => this.#lose(oneLine(message) || "the GPU gave no reason"));
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.commands.fail((event as GPUUncapturedErrorEvent).error);
    });
  }

  async load(program: Program): Promise<Executable> {
    this.#checkOpen();
    const executable = new WebgpuExecutable(this);
    try {
      for (const entry of program.entries) await executable.prepare(entry);
    } catch (error) {
      executable.dispose();
      throw error;
    }
    return executable;
  }

  upload(columns: Columns): Promise<Resident> {
    return this.commands.untilLost(() => this.#upload(columns));
  }

  async #upload(columns: Columns): Promise<Resident> {
    const rows = countRows(columns);
    for (const [name, { data }] of Object.entries(columns)) {
      const { maxBlockBytes } = this.target;
      if (data.byteLength > maxBlockBytes)
        throw columnTooLarge(name, data.byteLength, maxBlockBytes);
    }
    const made = new Map<string, Column>();
    const free = () => {
      for (const { buffer } of made.values()) this.buffers.destroy(buffer);
    };
    try {
      await this.scoped("upload", () => {
        for (const [name, column] of Object.entries(columns)) {
          made.set(name, uploadColumn(this.gpu.queue, this.buffers, name, column));
        }
      });
    } catch (error) {
      free();
      throw error;
    }
    return new WebgpuResident(this, rows, made, () => this.commands.after(free));
  }

  async memory(): Promise<MemoryUse> {
    return this.buffers.use();
  }

  /** Submits that are done, and pipelines that are made. */
  [progress](): number {
    return this.commands.submitsDone + this.pipelines.made;
  }

  async close(): Promise<void> {
    if (this.#end) return;
    const end = new HoneError("DeviceLost", "webgpu", "the device was closed. Open another one.");
    this.#end = end;
    this.#resolveLost({ reason: "it was closed", expected: true });
    this.commands.end(end);
    this.buffers.destroyAll();
    this.gpu.destroy();
  }

  /**
   * Runs `make`, which must not wait for anything, and rejects with what WebGPU says against it.
   * @throws OutOfMemory when the GPU refuses memory, Internal for all else.
   */
  async scoped<T>(what: string, make: () => T): Promise<T> {
    this.#checkOpen();
    const { bytes: heldBytes } = this.buffers.use();
    this.gpu.pushErrorScope("out-of-memory");
    this.gpu.pushErrorScope("validation");
    let outcome: { readonly made: T } | { readonly thrown: unknown };
    try {
      outcome = { made: make() };
    } catch (thrown) {
      outcome = { thrown };
    }
    const bytes = this.buffers.use().bytes - heldBytes;
    const [invalid, full] = await Promise.all([
      this.gpu.popErrorScope(),
      this.gpu.popErrorScope(),
    ]).catch(() => [null, null]);
    this.#checkOpen();
    if (full) {
      const reason = "the GPU gives no more memory";
      throw outOfMemory(what, { bytes, heldBytes, reason }, full);
    }
    if (invalid) {
      const message = `${oneLine(invalid.message)}. Please report this.`;
      throw new HoneError("Internal", `webgpu ${what}`, message, { cause: invalid });
    }
    if ("thrown" in outcome) throw outcome.thrown;
    return outcome.made;
  }

  #lose(reason: string): void {
    if (this.#end) return;
    const what = `the GPU was lost (${reason}). Open the device again and load the last weights.`;
    this.#end = new HoneError("DeviceLost", "webgpu", what);
    this.#resolveLost({ reason, expected: false });
    this.commands.end(this.#end);
    this.buffers.destroyAll();
  }

  #checkOpen(): void {
    if (this.#end) throw this.#end;
  }
}
