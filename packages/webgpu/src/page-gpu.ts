/** A page's own WebGPU. */
import type { GpuSource } from "./provider.js";

/** Undefined in Node and in browsers without it, though typed as always there. */
export function nativeGpu(): GPU | undefined {
  return (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
}

export const pageGpu: GpuSource = {
  async find() {
    const gpu = nativeGpu();
    if (gpu) return { gpu };
    if (globalThis.isSecureContext === false) {
      return {
        reason: "a page without https gets no WebGPU",
        hint: "serve the page over https or from localhost",
      };
    }
    return {
      reason: "this browser has no WebGPU (navigator.gpu is missing)",
      hint: "use Chrome or Edge 113, Safari 26 or Firefox 141, or a later one",
    };
  },
  adapterHint: () =>
    "turn on hardware acceleration in the browser's settings, and see its GPU page",
};
