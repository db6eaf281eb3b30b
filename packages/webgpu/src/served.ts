/** What a worker of `webgpu` does. */
import { serve, workerPort } from "@hone/core/backend";
import { deviceOn } from "./adapter-device.js";
import { NAME, probeOf } from "./info.js";
import type { Kernels } from "./kernels/kernel.js";
import { pageGpu } from "./page-gpu.js";
import { findAdapter } from "./provider.js";

export interface WorkerSettings {
  readonly powerPreference?: GPUPowerPreference;
  /** Whether the device is to have only the kernels that predicting needs. */
  readonly onlyPredicts: boolean;
}

/** @param kernels gives those that a device of these settings has */
export function serveDevice(kernels: (settings: WorkerSettings) => Kernels): void {
  serve((settings: WorkerSettings) => {
    const { powerPreference } = settings;
    const find = () => findAdapter(powerPreference ? { powerPreference } : {}, async () => pageGpu);
    return {
      name: NAME,
      specVersion: 1,
      probe: async () => probeOf(await find()),
      open: async () => deviceOn(await find(), kernels(settings)),
    };
  }, workerPort());
}
