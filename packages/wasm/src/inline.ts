/** The public names of @hone/wasm/inline: those of @hone/wasm, for a page that has to be one file. */
import { type Backend, checkOptions } from "@hone/core/hosted";
import { packedKernels } from "./packed-kernels.js";
import { code } from "./team-text.js";
import { knownOptions, type WasmDeviceOptions, wasmFrom } from "./wasm.js";

/** How `wasm` runs. */
export type WasmOptions = WasmDeviceOptions;

/**
 * SIMD kernels in WebAssembly, as `wasm` of @hone/wasm, with the kernels as text within this code: nothing is fetched.
 * @throws BadArgument when `threads` is not a whole number from 1 to 64, or `workerUrl` no address
 */
export function wasm(options: WasmOptions = {}): Backend {
  checkOptions("wasm", options, knownOptions);
  return wasmFrom(packedKernels, async () => code, options);
}
