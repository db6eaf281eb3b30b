/** The public names of @hone/wasm. */
import plain from "hone:wasm/plain";
import relaxed from "hone:wasm/relaxed";
import type { Backend } from "@hone/core/hosted";
import { sourceOf, type WasmOptions } from "./file-options.js";
import { fullEdition } from "./full-edition.js";
import { wasmFrom } from "./wasm.js";

export type { WasmOptions };

/**
 * SIMD kernels in WebAssembly on a team of threads, run in a worker so that the calling thread stays
 * free. Results are the same, bit for bit, on any number of threads.
 *
 * The kernels are a file of 92 kB, fetched and compiled when the first device opens, and shared by all devices.
 * @throws BadArgument when `threads` is not a whole number from 1 to 64, or `workerUrl` or `kernelsUrl` no address
 */
export function wasm(options: WasmOptions = {}): Backend {
  const { source, rest } = sourceOf({ suffix: "", plain, relaxed }, options);
  return wasmFrom(source, fullEdition, rest);
}
