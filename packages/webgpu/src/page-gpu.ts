/** WebGPU in pages and their workers, which have it or not. */
import type { GpuSource, Unfound } from "./provider.js";

/** @param absent why there is none */
export const pageGpu = (absent: () => Promise<Unfound>): GpuSource => ({
  find: absent,
  adapterHint: () =>
    "turn on hardware acceleration in the browser's settings, and see its GPU page",
});
