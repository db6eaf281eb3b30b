/** One WebAssembly memory, the kernels that work on it, and who holds which part of it. */

import kernelBytes from "hone:wasm/kernels";
import type { HostView, MemoryUse } from "@hone/core/backend";
import { Allocator } from "./allocator.js";

/** A function the kernels' module exports; all its arguments are numbers. */
export type WasmFunction = (...numbers: number[]) => void;

export class Arena {
  readonly kernels: Readonly<Record<string, WasmFunction>>;
  readonly #memory: WebAssembly.Memory;
  readonly #allocator: Allocator;
  /** From here on memory was never written, and so is zero. */
  #usedEnd = 0;

  private constructor(memory: WebAssembly.Memory, exports: WebAssembly.Exports) {
    this.#memory = memory;
    this.kernels = exports as Record<string, WasmFunction>;
    const heapBase = exports.heapBase as () => number;
    this.#allocator = new Allocator(memory, heapBase());
  }

  static async make(): Promise<Arena> {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { instance } = await WebAssembly.instantiate(kernelBytes, { env: { memory } });
    return new Arena(memory, instance.exports);
  }

  /** @returns the address of `bytes` bytes of zeros @throws BackendUnavailable without room for them */
  allocate(bytes: number, where: string): number {
    const address = this.#allocator.allocate(bytes, where);
    const used = Math.min(bytes, Math.max(0, this.#usedEnd - address));
    new Uint8Array(this.#memory.buffer, address, used).fill(0);
    this.#usedEnd = Math.max(this.#usedEnd, address + bytes);
    return address;
  }

  /** @returns the address of a copy of `data` @throws BackendUnavailable without room for it */
  allocateCopy(data: Uint8Array | Int32Array | Uint32Array | Float32Array, where: string): number {
    const address = this.#allocator.allocate(data.byteLength, where);
    this.#usedEnd = Math.max(this.#usedEnd, address + data.byteLength);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.#memory.buffer, address, data.byteLength).set(bytes);
    return address;
  }

  release(address: number): void {
    this.#allocator.release(address);
  }

  use(): MemoryUse {
    return this.#allocator.use();
  }

  /** Valid until something is allocated: memory that grows gets another ArrayBuffer. */
  view(address: number, length: number, dtype: "float32" | "int32"): HostView {
    const { buffer } = this.#memory;
    return dtype === "int32"
      ? new Int32Array(buffer, address, length)
      : new Float32Array(buffer, address, length);
  }
}
