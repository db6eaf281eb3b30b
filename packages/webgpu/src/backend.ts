/** WebGPU on the calling thread. */
import type { Backend } from "@hone/core/hosted";
import type { WebgpuDevice } from "./device.js";
import { NAME, probeOf } from "./info.js";
import type { Kernels, Traits } from "./kernels/kernel.js";
import { pageGpu } from "./page-gpu.js";
import { findAdapter, type GpuSource, type WebgpuOptions } from "./provider.js";

/** Loads the kernels that a device on the calling thread has. */
export type LoadKernels = () => Promise<Kernels>;

export const allKernels: LoadKernels = async () => (await import("./kernels/index.js")).kernels;

/**
 * WebGPU without a worker: what `webgpu()` opens in Node.
 */
export function directWebgpu(options: WebgpuOptions = {}): Backend {
  return directFrom(allKernels, options);
}

export function directFrom(kernels: LoadKernels, options: WebgpuOptions): Backend {
  return {
    name: NAME,
    specVersion: 1,
    probe: async () => probeOf(await findAdapter(options, sourceHere)),
    open: () => openDevice(options, { kernels }),
  };
}

/**
 * The device itself.
 * @param more all kernels unless said; traits as for `deviceOn`
 * @throws BackendUnavailable
 */
export async function openDevice(
  options: WebgpuOptions = {},
  more: { readonly kernels?: LoadKernels; readonly traits?: Traits } = {},
): Promise<WebgpuDevice> {
  // Late, and side by side: most pages compute in a worker, whose text holds all this once more.
  const [{ deviceOn }, kernels, found] = await Promise.all([
    import("./adapter-device.js"),
    (more.kernels ?? allKernels)(),
    findAdapter(options, sourceHere),
  ]);
  return deviceOn(found, kernels, more.traits);
}

/** Node's is loaded in Node alone. */
async function sourceHere(): Promise<GpuSource> {
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  if (typeof process?.versions?.node !== "string") return pageGpu;
  return (await import("./node-gpu.js")).nodeGpu;
}
