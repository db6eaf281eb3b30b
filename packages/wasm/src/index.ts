/** The public names of @hone/wasm. */
import { type Backend, checkOptions, isWorkerAddress } from "@hone/core/hosted";
import { kernelFiles, kernelFilesIn } from "./kernel-files.js";
import { absolute, knownOptions, type WasmDeviceOptions, wasmFrom } from "./wasm.js";

export interface WasmOptions extends WasmDeviceOptions {
  /**
   * The address of a folder that holds this package's dist/kernels-*.wasm, where they do not lie beside its code and
   * are not to come from text within it either.
   */
  readonly kernelsUrl?: string | URL;
}

/**
 * SIMD kernels in WebAssembly on a team of threads, run in a worker so that the calling thread stays
 * free. Results are the same, bit for bit, on any number of threads.
 *
 * The kernels are a file of 92 kB, fetched and compiled when the first device opens, and shared by all devices.
 * @throws BadArgument when `threads` is not a whole number from 1 to 64, or `workerUrl` or `kernelsUrl` no address
 */
export function wasm(options: WasmOptions = {}): Backend {
  const isAddress = { is: isWorkerAddress, wanted: "an address" };
  checkOptions("wasm", options, { ...knownOptions, kernelsUrl: isAddress });
  const { kernelsUrl, ...rest } = options;
  if (kernelsUrl === undefined) return wasmFrom(kernelFiles, rest);
  const folder = absolute("kernelsUrl", kernelsUrl).replace(/\/?$/, "/");
  return wasmFrom(kernelFilesIn(folder), rest);
}
