/** What makes instances of a thread's modules, and the table through which one calls kernels of another. */

/** A function that a kernels' module exports; all its arguments are numbers. */
export type WasmFunction = (...numbers: number[]) => void;

/** In an order that is the same in every thread, so that a number names a kernel in all of them. */
export function functionNames(exports: WebAssembly.Exports): string[] {
  return Object.keys(exports)
    .filter((name) => typeof exports[name] === "function")
    .sort();
}

export class Linkage {
  readonly imports: WebAssembly.Imports;
  /** Of the base and, from when they are placed on, of all others. */
  readonly functions: Record<string, WasmFunction> = {};
  /** Where the base's first function stands. */
  baseIndex = 0;
  #table: WebAssembly.Table | undefined;

  constructor(memory: WebAssembly.Memory) {
    const words = (address: number, count: number) => new Int32Array(memory.buffer, address, count);
    const ofThread = () => new WebAssembly.Global({ value: "i32", mutable: true }, 0);
    const env = {
      memory,
      /** See assembly/thread.ts. */
      currentStep: ofThread(),
      workspace: ofThread(),
      sleep: (address: number, known: number) => void Atomics.wait(words(address, 1), 0, known),
      /** Called in a helper, with the record of kernel-table.ts. */
      install: (record: number) => {
        const [address = 0, length = 0, index = 0] = words(record, 3);
        // A module is not made from memory that threads share.
        const bytes = new Uint8Array(memory.buffer, address, length).slice();
        this.place(this.instantiate(bytes), index);
      },
    };
    this.imports = { env, kernels: this.functions };
  }

  /** Takes an instance of the base. */
  begin(exports: WebAssembly.Exports): void {
    this.#table = exports.table as WebAssembly.Table;
    this.baseIndex = this.#table.length;
    this.place(exports, this.baseIndex);
  }

  /** @returns the exports of an instance of further kernels */
  instantiate(bytes: Uint8Array): WebAssembly.Exports {
    const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    return new WebAssembly.Instance(module, this.imports).exports;
  }

  /** Puts all exported functions into this thread's table, from that place on. */
  place(exports: WebAssembly.Exports, index: number): void {
    const table = this.#table as WebAssembly.Table;
    const names = functionNames(exports);
    const missing = index + names.length - table.length;
    if (missing > 0) table.grow(missing);
    for (const [at, name] of names.entries()) {
      this.functions[name] = exports[name] as WasmFunction;
      table.set(index + at, exports[name]);
    }
  }
}
