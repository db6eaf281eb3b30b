/** An instance of the kernels' module, and how its kernels are found, by name and by number. */

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
export function kernelsOf(exports: WebAssembly.Exports): Kernels {
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

/** What an instance imports. */
export function importsOf(memory: WebAssembly.Memory): WebAssembly.Imports {
  const sleep = (address: number, known: number) => {
    Atomics.wait(new Int32Array(memory.buffer), address / 4, known);
  };
  return { env: { memory, sleep } };
}
