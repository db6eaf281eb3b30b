/** One WebAssembly memory, the kernels that work on it, and who holds which part of it. */
import { HoneError, type HostView, type MemoryUse, messageOf } from "@hone/core/backend";
import { Allocator, LARGEST_BYTES, PAGE_BYTES } from "./allocator.js";
import { Linkage } from "./linkage.js";
import { TEAM_BYTES } from "./team-record.js";

/** Where modules keep what is constant in them: see scripts/wasm-builds.mjs. */
const STATIC_BYTES = 16_384;

/** Pages of 64 KiB that memory may grow to, the most first: some platforms reserve them all. */
const MOST_PAGES = [65_536, 32_768, 16_384, 8_192, 4_096];

export class Arena {
  /** The address of TEAM_BYTES zeros, before all that is handed out. */
  readonly teamAddress: number;
  readonly linkage: Linkage;
  readonly memory: WebAssembly.Memory;
  /** To which the memory may grow. It never shrinks: what is freed serves later pieces. */
  readonly mostBytes: number;
  readonly module: WebAssembly.Module;
  readonly #allocator: Allocator;
  /** From here on memory was never written, and so is zero. */
  #usedEnd = 0;

  private constructor({ memory, mostBytes }: Grown, module: WebAssembly.Module, linkage: Linkage) {
    this.memory = memory;
    this.mostBytes = mostBytes;
    this.module = module;
    this.linkage = linkage;
    this.teamAddress = STATIC_BYTES;
    this.#allocator = new Allocator(memory, this.teamAddress + TEAM_BYTES);
  }

  /**
   * @param module a build for that kind of memory
   * @throws OutOfMemory where memory cannot be had
   */
  static async make(module: WebAssembly.Module, shared: boolean): Promise<Arena> {
    const grown = newMemory(shared);
    const { memory } = grown;
    const linkage = new Linkage(memory);
    const { exports } = await WebAssembly.instantiate(module, linkage.imports);
    linkage.begin(exports);
    return new Arena(grown, module, linkage);
  }

  /** @returns the address of `bytes` bytes of zeros @throws OutOfMemory without room for them */
  allocate(bytes: number, where: string): number {
    const address = this.#allocator.allocate(bytes, where);
    const used = Math.min(bytes, Math.max(0, this.#usedEnd - address));
    new Uint8Array(this.memory.buffer, address, used).fill(0);
    this.#usedEnd = Math.max(this.#usedEnd, address + bytes);
    return address;
  }

  /** @returns the address of a copy of `data` @throws OutOfMemory without room for it */
  allocateCopy(data: Uint8Array | Int32Array | Uint32Array | Float32Array, where: string): number {
    const address = this.#allocator.allocate(data.byteLength, where);
    this.#usedEnd = Math.max(this.#usedEnd, address + data.byteLength);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.memory.buffer, address, data.byteLength).set(bytes);
    return address;
  }

  release(address: number): void {
    this.#allocator.release(address);
  }

  use(): MemoryUse {
    return this.#allocator.use();
  }

  /** Valid until something is allocated: memory that grows gets another buffer. */
  view(address: number, length: number, dtype: "float32" | "int32"): HostView {
    const buffer = this.memory.buffer;
    return dtype === "int32"
      ? new Int32Array(buffer, address, length)
      : new Float32Array(buffer, address, length);
  }
}

/** A memory, and how far it may grow. */
interface Grown {
  readonly memory: WebAssembly.Memory;
  readonly mostBytes: number;
}

function newMemory(shared: boolean): Grown {
  let cause: unknown;
  for (const maximum of MOST_PAGES) {
    try {
      const memory = new WebAssembly.Memory({ initial: 1, maximum, shared });
      return { memory, mostBytes: Math.min(maximum * PAGE_BYTES, LARGEST_BYTES) };
    } catch (error) {
      cause = error;
    }
  }
  const kind = shared ? "memory that threads share" : "memory";
  const what = `there is no ${kind} to be had (${messageOf(cause)}). Leave some free.`;
  throw new HoneError("OutOfMemory", "wasm", what, { cause });
}
