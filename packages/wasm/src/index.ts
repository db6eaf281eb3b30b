/** The public names of @hone/wasm. */
import { type Backend, checkOptions, isWorkerAddress } from "@hone/core/hosted";
import { kernelFiles, kernelFilesIn } from "./kernel-files.js";
import { absolute, knownOptions, type WasmDeviceOptions, wasmFrom } from "./wasm.js";
import { workerText } from "./worker-texts.js";

/** How `wasm` runs, and where its kernels lie. */
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
 * The kernels are files, fetched by family with the first program that needs them, and shared by all devices: most
 * networks predict with one of 22 kB, and train with another of as much.
 * @throws BadArgument when `threads` is not a whole number from 1 to 64, or `workerUrl` or `kernelsUrl` no address
 */
export function wasm(options: WasmOptions = {}): Backend {
  const isAddress = { is: isWorkerAddress, wanted: "an address" };
  checkOptions("wasm", options, { ...knownOptions, kernelsUrl: isAddress });
  const { kernelsUrl, ...rest } = options;
  if (kernelsUrl === undefined) return wasmFrom(kernelFiles, workerText, rest);
  const files = kernelFilesIn(absolute("kernelsUrl", kernelsUrl).replace(/\/?$/, "/"));
  return wasmFrom(files, workerText, rest);
}
