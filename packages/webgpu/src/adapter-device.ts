/** A device on an adapter that was found: in the worker of `webgpu()`, or where there is none. */
import { HoneError, messageOf } from "@hone/core/backend";
import { WebgpuDevice } from "./device.js";
import type { FoundAdapter } from "./provider.js";

/** @throws BackendUnavailable */
export async function deviceOn({ gpu, adapter, info }: FoundAdapter): Promise<WebgpuDevice> {
  try {
    const device = await adapter.requestDevice({
      label: "hone",
      requiredLimits: wantedLimits(adapter.limits),
    });
    return new WebgpuDevice(gpu, device, info);
  } catch (cause) {
    const what = `the GPU refused to open (${messageOf(cause)}). Close other programs that use it, or pick another backend.`;
    throw new HoneError("BackendUnavailable", info.backend, what, { cause });
  }
}

/** All the memory the adapter gives; every other limit stays at the standard's. */
function wantedLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxBufferSize: limits.maxBufferSize,
  };
}
