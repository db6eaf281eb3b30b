/** The public names of @hone/webgpu. */
import type { Backend } from "@hone/core/hosted";
import { allKernels } from "./backend.js";
import { type Edition, type WebgpuBackendOptions, webgpuFrom } from "./webgpu.js";
import code from "./worker.ts?worker-text";

export { directWebgpu } from "./backend.js";
export type { WebgpuOptions } from "./provider.js";
export type { WebgpuBackendOptions };

const edition: Edition = { onlyPredicts: false, code, kernels: allKernels };

/**
 * WebGPU: the browser's, or in Node that of the package `webgpu` (Dawn), which has to be installed
 * beside this one. Nothing is loaded before the backend is probed or opened.
 * @throws BadArgument when a worker is asked for in Node, or together with a `provider`
 */
export function webgpu(options: WebgpuBackendOptions = {}): Backend {
  return webgpuFrom(edition, options);
}
