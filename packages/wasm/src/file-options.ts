/** The options of a `wasm` whose kernels are files. */
import { checkOptions, isWorkerAddress } from "@hone/core/hosted";
import { type KernelAddresses, kernelFiles, kernelFilesIn } from "./kernel-files.js";
import type { KernelSource } from "./module.js";
import { absolute, knownOptions, type WasmDeviceOptions } from "./wasm.js";

export interface WasmOptions extends WasmDeviceOptions {
  /**
   * The address of a folder that holds this package's dist/kernels-*.wasm, where they do not lie beside its code and
   * are not to come from text within it either.
   */
  readonly kernelsUrl?: string | URL;
}

/** Where kernels come from under these options, and the other options. @throws BadArgument */
export function sourceOf(
  addresses: KernelAddresses,
  options: WasmOptions,
): { readonly source: KernelSource; readonly rest: WasmDeviceOptions } {
  const isAddress = { is: isWorkerAddress, wanted: "an address" };
  checkOptions("wasm", options, { ...knownOptions, kernelsUrl: isAddress });
  const { kernelsUrl, ...rest } = options;
  if (kernelsUrl === undefined) return { source: kernelFiles(addresses), rest };
  const folder = absolute("kernelsUrl", kernelsUrl).replace(/\/?$/, "/");
  return { source: kernelFilesIn(folder, addresses), rest };
}
