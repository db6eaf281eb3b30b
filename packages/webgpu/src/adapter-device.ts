/** A device on an adapter that was found: in the worker of `webgpu()`, or where there is none. */
import { HoneError, messageOf } from "@hone/core/backend";
import { WebgpuDevice } from "./device.js";
import { describe, NAME } from "./info.js";
import type { Kernels, Traits } from "./kernels/kernel.js";
import type { Found } from "./provider.js";

/**
 * Its traits follow from what the adapter says it is, unless they are given.
 * @throws BackendUnavailable
 */
export async function deviceOn(
  found: Found,
  kernels: Kernels,
  traits?: Traits,
): Promise<WebgpuDevice> {
  if (!found.ok) {
    throw new HoneError("BackendUnavailable", NAME, `${found.reason}. To use it: ${found.hint}.`);
  }
  const { gpu, adapter } = found;
  try {
    const device = await adapter.requestDevice({
      label: "hone",
      requiredLimits: wantedLimits(adapter.limits),
    });
    return new WebgpuDevice(gpu, device, describe(adapter), kernels, traits);
  } catch (cause) {
    const what = `the GPU refused to open (${messageOf(cause)}). Close other programs that use it, or pick another backend.`;
    throw new HoneError("BackendUnavailable", NAME, what, { cause });
  }
}

/** All the memory the adapter gives; every other limit stays at the standard's. */
function wantedLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxBufferSize: limits.maxBufferSize,
  };
}
