/** The program of the worker that `webgpu` starts in a page: a device that takes lowered programs. */
import { serve, workerPort } from "@hone/core/backend";
import { deviceOn } from "./adapter-device.js";
import { NAME } from "./info.js";
import { pageGpu } from "./page-gpu.js";
import { findAdapter, probeOf, unavailable } from "./provider.js";

export interface WorkerSettings {
  readonly powerPreference?: GPUPowerPreference;
}

/** The page has looked whether the browser has WebGPU at all. */
const source = pageGpu(async () => ({
  reason: "this browser has no WebGPU in workers (navigator.gpu is missing there)",
  hint: "give worker: false",
}));

serve((settings: WorkerSettings) => {
  const find = () => findAdapter(settings, async () => source);
  return {
    name: NAME,
    specVersion: 1,
    probe: async () => probeOf(await find()),
    async open() {
      const found = await find();
      if (!found.ok) throw unavailable(found);
      return deviceOn(found);
    },
  };
}, workerPort());
