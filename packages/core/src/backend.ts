/**
 * THE CONTRACT between Hone and a device. An adapter package exports a function that returns a `Backend`. Everything it needs to
 * know about a model arrives as a `Program` (plan/program.ts): blocks of memory and linear lists of calls. What each op computes
 * is defined in packages/core/OPS.md and by the `@hone/cpu` adapter; an adapter is right when `testBackend` of
 * `@hone/conformance` passes.
 *
 * All of it survives structured cloning, because a device may live in a worker (hosted.ts).
 */
import type { Entry, Program } from "./plan/program.js";
import type { TypedArray } from "./typed-array.js";

export type { Block, Call, Entry, Operand, Program } from "./plan/program.js";
export type { TypedArray } from "./typed-array.js";

/** A way to compute that may or may not exist here. Costs nothing until it is opened. */
export interface Backend {
  readonly name: string;
  /** The version of this contract that it speaks; core refuses any but its own. */
  readonly specVersion: 1;
  /** Cheap, and never throws: says why the backend cannot be used and what would help. */
  probe(): Promise<Probe>;
  /** Who ends it closes what opens all the same. @throws BackendUnavailable, with the reason `probe` gives. */
  open(options?: Endable): Promise<Device>;
}

/** What is asked for may end sooner once `signal` is set, with Aborted, and then leaves nothing behind. */
export interface Endable {
  readonly signal?: AbortSignal | undefined;
}

export type Probe =
  /** A `hint` says what would make it faster here. */
  | { readonly ok: true; readonly info: DeviceInfo; readonly hint?: string }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

export interface DeviceInfo {
  readonly backend: string;
  /** What a person would call it: "NVIDIA H200", "SwiftShader (software)", "WASM SIMD, 1 thread". */
  readonly description: string;
  /** `software` marks a GPU interface emulated on the CPU: correct, and slow. */
  readonly kind: "gpu" | "software-gpu" | "wasm" | "cpu";
  /** The class of arithmetic: same numerics and same seed give bit-identical weights. */
  readonly numerics: string;
  readonly threads: number;
}

/** What the planner must know. Plain data: never a function. */
export interface Target {
  /** As the backend's: a device may come from a worker's script of another release. */
  readonly specVersion: 1;
  /** Every operand's `byteOffset` is a multiple of this power of two. */
  readonly alignmentBytes: number;
  /** 64 on a device whose float32 buffers hold float64, at 8 bytes an element. */
  readonly precision: 32 | 64;
  /** Op names it implements; fused ones beside primitive ones. */
  readonly ops: readonly string[];
  /** Size of the largest block. */
  readonly maxBlockBytes: number;
  /** Bytes of scratch that lie idle, so that calls close together wait less for each other's memory. */
  readonly restBytes?: number;
  /** Bytes it can give altogether at most; absent where nobody knows. */
  readonly memoryBytes?: number;
}

/** An open device. Closing it releases all it made; closing twice is harmless. */
export interface Device {
  readonly info: DeviceInfo;
  readonly target: Target;
  /** Makes memory and pipelines for the entries the program holds. @throws as `prepare` */
  load(program: Program): Promise<Executable>;
  /** Copies a data set to the device, for its every executable. Until then its arrays stay as they are. @throws BadData, OutOfMemory */
  upload(columns: Columns, options?: Endable): Promise<Resident>;
  /**
   * Resolves, once, when the device can no longer compute; never rejects. By then, or within a second, all that
   * was asked of it has settled, and whatever is asked later rejects with DeviceLost.
   */
  readonly lost: Promise<DeviceLost>;
  memory(): Promise<MemoryUse>;
  /** Ends it and all that it holds; `lost` resolves, as expected. */
  close(): Promise<void>;
  /**
   * A further device with the same arithmetic that computes on the calling thread, for programs so small that a message
   * costs more. The same one every time; closed with this one, not part of its `memory`. Absent where there is no such.
   */
  local?(): Promise<Device>;
}

/** Named columns of equal row count; `rowLength` elements a row, row-major. */
export type Columns = Readonly<
  Record<
    string,
    { readonly data: Uint8Array | Int32Array | Float32Array; readonly rowLength: number }
  >
>;

/** A data set on a device. */
export interface Resident {
  readonly rows: number;
  dispose(): void;
}

export interface DeviceLost {
  readonly reason: string;
  /** True after `close()`. */
  readonly expected: boolean;
}

/** Bytes the device holds now, and how many allocations they are. */
export interface MemoryUse {
  readonly bytes: number;
  readonly allocations: number;
}

/** What one kernel took in a profile; `call` is which of the entry's calls it belongs to. */
export interface KernelTime {
  readonly kernel: string;
  readonly call: number;
  readonly microseconds: number;
}

/**
 * Loaded entries over one set of blocks. Calls on one executable take effect in the order they are made; `write`,
 * `bind` and `run` return at once, and what goes wrong in them is thrown by the next `read` or `sync`.
 */
export interface Executable {
  /**
   * Adds an entry. Blocks already held by name are shared; the rest are made, all or none.
   * @throws LacksOp for an op that is not in `target.ops`; OutOfMemory for a block larger than
   * `maxBlockBytes` or when memory is refused; ShapeMismatch for a held block of another size
   */
  prepare(entry: Entry): Promise<void>;
  /** Makes the `resident` block `input` be the column of that name in `data`, from the next run on. */
  bind(input: string, data: Resident): void;
  /** Copies the whole of `data` to the start of a buffer; the caller may reuse `data` afterwards. */
  write(buffer: string, data: TypedArray): void;
  /** Enqueues `steps` runs of the entry; its calls see step = first, first + 1, ... Allocates nothing. */
  run(entry: string, range: { readonly first: number; readonly steps: number }): void;
  /** Copies of whole buffers; reads with no run between them are one consistent snapshot. */
  read(buffers: readonly string[]): Promise<TypedArray[]>;
  /** Resolves when everything enqueued has been computed. */
  sync(): Promise<void>;
  /** Frees an entry, and blocks no other names, once all asked for before is done; also while a failure waits. */
  forget(entry: string): void;
  /** Runs as `run` does, and tells what each kernel took, in order; a call may be several. Not every device can. */
  profile?(entry: string, range: { first: number; steps: number }): Promise<readonly KernelTime[]>;
  /** By entry: how many of its steps so far ran on 1, 2, … threads. All ran on `info.threads` where it says nothing. */
  threads?(): Promise<Readonly<Record<string, readonly number[]>>>;
  /** Frees its memory. Using it afterwards is an error. */
  dispose(): void;
}
