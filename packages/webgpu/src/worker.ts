/** The program of the worker that `webgpu` starts in a page. */
import { serve, workerPort } from "@hone/core/backend";
import { deviceOn } from "./adapter-device.js";
import { NAME, probeOf } from "./info.js";
import { pageGpu } from "./page-gpu.js";
import { findAdapter } from "./provider.js";

export interface WorkerSettings {
  readonly powerPreference?: GPUPowerPreference;
}

serve((settings: WorkerSettings) => {
  const find = () => findAdapter(settings, async () => pageGpu);
  return {
    name: NAME,
    specVersion: 1,
    probe: async () => probeOf(await find()),
    open: async () => deviceOn(await find()),
  };
}, workerPort());
