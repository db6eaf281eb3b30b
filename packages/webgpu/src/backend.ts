/** WebGPU on the calling thread. */
import type { Backend } from "@hone/core/hosted";
import type { WebgpuDevice } from "./device.js";
import { NAME, probeOf } from "./info.js";
import type { Traits } from "./kernels/kernel.js";
import { pageGpu } from "./page-gpu.js";
import { findAdapter, type GpuSource, type WebgpuOptions } from "./provider.js";

/**
 * WebGPU without a worker: what `webgpu()` opens in Node.
 */
export function directWebgpu(options: WebgpuOptions = {}): Backend {
  return {
    name: NAME,
    specVersion: 1,
    probe: async () => probeOf(await findAdapter(options, sourceHere)),
    open: () => openDevice(options),
  };
}

/**
 * The device itself.
 * @param traits as for `deviceOn`
 * @throws BackendUnavailable
 */
export async function openDevice(
  options: WebgpuOptions = {},
  traits?: Traits,
): Promise<WebgpuDevice> {
  // Late, and side by side: most pages compute in a worker, whose text holds all this once more.
  const [{ deviceOn }, found] = await Promise.all([
    import("./adapter-device.js"),
    findAdapter(options, sourceHere),
  ]);
  return deviceOn(found, traits);
}

/** Node's is loaded in Node alone. */
async function sourceHere(): Promise<GpuSource> {
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  if (typeof process?.versions?.node !== "string") return pageGpu;
  return (await import("./node-gpu.js")).nodeGpu;
}
