/** The public names of @hone/webgpu/predict: `webgpu` with the kernels that predicting needs and no others. */
import type { Backend } from "@hone/core/hosted";
import code from "./predict-worker.ts?worker-text";
import { type Edition, type WebgpuBackendOptions, webgpuFrom } from "./webgpu.js";

export type { WebgpuBackendOptions };

const edition: Edition = {
  onlyPredicts: true,
  code,
  kernels: async () => (await import("./kernels/predict.js")).predictKernels,
};

/**
 * WebGPU: the browser's, or in Node that of the package `webgpu` (Dawn), which has to be installed
 * beside this one. For pages that only predict:
 * training and evaluation are refused as ops that the device lacks. Nothing is loaded before the backend is probed or opened.
 * @throws BadArgument when a worker is asked for in Node, or together with a `provider`
 */
export function webgpu(options: WebgpuBackendOptions = {}): Backend {
  return webgpuFrom(edition, options);
}
