/** An instance of the kernels' module, and how its kernels are found, by name and by number. */

import { EXPORTED } from "./generated/module-writer.js";

/** A function the kernels' module exports; all its arguments are numbers. */
export type WasmFunction = (...numbers: number[]) => void;

export interface Kernels {
  readonly functions: Readonly<Record<string, WasmFunction>>;
  /** Where each exported function stands in the instance's function table. */
  readonly indices: ReadonlyMap<string, number>;
}

/**
 * Puts all exported functions into the instance's table, in an order that is the same in every
 * thread, so that a number names a kernel in all of them.
 */
function kernelsOf(exports: WebAssembly.Exports): Kernels {
  const names = Object.keys(exports)
    .filter((name) => typeof exports[name] === "function")
    .sort();
  const table = exports.table as WebAssembly.Table;
  const first = table.grow(names.length);
  const indices = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    table.set(first + index, exports[name]);
    indices.set(name, first + index);
  }
  return { functions: exports as Record<string, WasmFunction>, indices };
}

/** What makes an instance: its imports, of which one needs the instance's own exports. */
export class Linkage {
  readonly imports: WebAssembly.Imports;
  readonly #memory: WebAssembly.Memory;
  #exports: WebAssembly.Exports = {};

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    const sleep = (address: number, known: number) => {
      Atomics.wait(new Int32Array(memory.buffer), address / 4, known);
    };
    const install = (record: number) => this.#install(record);
    this.imports = { env: { memory, sleep, install } };
  }

  /** Takes the instance's exports. */
  kernelsOf(exports: WebAssembly.Exports): Kernels {
    this.#exports = exports;
    return kernelsOf(exports);
  }

  /** Puts the kernel of a module into this thread's table: see generated-kernels.ts for the record. */
  #install(record: number): void {
    const [address = 0, length = 0, index = 0] = new Int32Array(this.#memory.buffer, record, 3);
    // A module is not made from memory that threads share.
    const bytes = new Uint8Array(this.#memory.buffer, address, length).slice();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: this.#memory },
      kernels: this.#exports,
    });
    const table = this.#exports.table as WebAssembly.Table;
    if (table.length <= index) table.grow(index + 1 - table.length);
    table.set(index, exports[EXPORTED]);
  }
}
