/** A page's own WebGPU. */
import { absentWebgpu } from "@hone/core/hosted";
import type { GpuSource } from "./provider.js";

/** Undefined in Node and in browsers without it, though typed as always there. */
export function nativeGpu(): GPU | undefined {
  return (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
}

export const pageGpu: GpuSource = {
  async find() {
    const gpu = nativeGpu();
    return gpu ? { gpu } : absentWebgpu();
  },
  adapterHint: () =>
    "turn on hardware acceleration in the browser's settings, and see its GPU page",
};
