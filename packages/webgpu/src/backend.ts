/** WebGPU on the calling thread. */
import {
  adapterWords,
  type Backend,
  type DeviceInfo,
  HoneError,
  isSoftwareAdapter,
  type Probe,
} from "@hone/core/backend";
import { WebgpuDevice } from "./device.js";
import type { Traits } from "./kernels/kernel.js";
import { findAdapter, type WebgpuOptions } from "./provider.js";

const NAME = "webgpu";

/**
 * WebGPU without a worker: what `webgpu()` opens in Node, and what its worker serves in a browser.
 */
export function directWebgpu(options: WebgpuOptions = {}): Backend {
  return {
    name: NAME,
    specVersion: 1,
    probe: () => probe(options),
    open: () => openDevice(options),
  };
}

async function probe(options: WebgpuOptions): Promise<Probe> {
  const found = await findAdapter(options);
  return found.ok ? { ok: true, info: describe(found.adapter) } : found;
}

/**
 * The device itself. Its traits follow from what the adapter says it is, unless they are given.
 * @throws BackendUnavailable
 */
export async function openDevice(
  options: WebgpuOptions = {},
  traits?: Traits,
): Promise<WebgpuDevice> {
  const found = await findAdapter(options);
  if (!found.ok) {
    throw new HoneError("BackendUnavailable", NAME, `${found.reason}. To use it: ${found.hint}.`);
  }
  const { gpu, adapter } = found;
  try {
    const device = await adapter.requestDevice({
      label: "hone",
      requiredLimits: wantedLimits(adapter.limits),
    });
    return new WebgpuDevice(gpu, device, describe(adapter), traits);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = `the GPU refused to open (${reason}). Close other programs that use it, or pick another backend.`;
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

function describe(adapter: GPUAdapter): DeviceInfo {
  const { vendor, architecture, description } = adapter.info;
  const words = adapterWords(adapter.info);
  const software = isSoftwareAdapter(adapter.info);
  const name =
    description || [vendor, architecture].filter((word) => word !== "").join(" ") || "GPU";
  return {
    backend: NAME,
    description: software ? `${name} (software)` : name,
    kind: software ? "software-gpu" : "gpu",
    numerics: `webgpu ${words.join(" / ") || "unknown"}`,
    threads: 1,
  };
}
