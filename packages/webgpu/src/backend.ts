/** WebGPU on the calling thread. */
import { absentWebgpu, type Backend, type Lowering, lowered } from "@hone/core/hosted";
import type { WebgpuDevice } from "./device.js";
import { NAME } from "./info.js";
import { pageGpu } from "./page-gpu.js";
import {
  findAdapter,
  type GpuSource,
  probeOf,
  unavailable,
  type WebgpuOptions,
} from "./provider.js";

/** What every device of WebGPU is given its programs by, wherever it computes. */
export async function loadLowering(): Promise<Lowering> {
  return (await import("./lowering.js")).lowering();
}

/**
 * WebGPU without a worker: what `webgpu()` opens in Node.
 */
export function directWebgpu(options: WebgpuOptions = {}): Backend {
  return lowered(unlowered(options), loadLowering);
}

/** WebGPU on the calling thread, whose devices take lowered programs. */
export function unlowered(options: WebgpuOptions): Backend {
  return {
    name: NAME,
    specVersion: 1,
    probe: async () => probeOf(await findAdapter(options, sourceHere)),
    open: () => openDevice(options),
  };
}

/**
 * The device itself, which takes lowered programs.
 * @throws BackendUnavailable
 */
export async function openDevice(options: WebgpuOptions = {}): Promise<WebgpuDevice> {
  // Late, and side by side: most pages compute in a worker, whose text holds all this once more.
  const [{ deviceOn }, found] = await Promise.all([
    import("./adapter-device.js"),
    findAdapter(options, sourceHere),
  ]);
  if (!found.ok) throw unavailable(found);
  return deviceOn(found);
}

/** Node's is loaded in Node alone. */
async function sourceHere(): Promise<GpuSource> {
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  if (typeof process?.versions?.node !== "string") return pageGpu(absentWebgpu);
  return (await import("./node-gpu.js")).nodeGpu;
}
