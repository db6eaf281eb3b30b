/**
 * Stock tfjs on WebGPU: an instance and a GPU device of our own, unknown to tfjs's engine.
 *
 * It starts in pages and their workers only: its constructor wants `window` or `WorkerGlobalScope`, and
 * its code the global GPUBuffer, which Node has not.
 */
import { absentWebgpu } from "@hone/core/backend";
import { kernelFinder, loadCore, loadQuietly, setUpKernels } from "./registry.js";
import type { Stock, StockInstance } from "./stock.js";

interface WebgpuInstance extends StockInstance {
  readonly commandEncoder: unknown;
  submitQueue(): void;
  endComputePassEncoder(): void;
  dispose(): void;
}

export type FoundAdapter =
  | { readonly ok: true; readonly adapter: GPUAdapter }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/** The adapter that tfjs would ask for, or why there is none. Never throws. */
export async function findAdapter(): Promise<FoundAdapter> {
  const page = "window" in globalThis || "WorkerGlobalScope" in globalThis;
  if (!page) {
    return {
      ok: false,
      reason: "stock tfjs-webgpu starts only in pages and their workers",
      hint: "open it in a browser; in Node take @hone/webgpu, or tfjs-wasm as a rival",
    };
  }
  // Typed as always there, but old browsers have none.
  const gpu = globalThis.navigator?.gpu as GPU | undefined;
  if (!gpu) return { ok: false, ...(await absentWebgpu()) };
  const hint = "turn on hardware acceleration in the browser's settings, and see its GPU page";
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter) return { ok: true, adapter };
    return { ok: false, reason: "WebGPU is here, but it found no GPU", hint };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `WebGPU failed to start (${reason})`, hint };
  }
}

export async function openWebgpu(adapter: GPUAdapter): Promise<Stock> {
  const core = await loadCore();
  const { WebGPUBackend } = await loadQuietly(
    core,
    "webgpu",
    () => import("@tensorflow/tfjs-backend-webgpu"),
  );
  const { limits } = adapter;
  // The limits that tfjs asks for itself.
  const device = await adapter.requestDevice({
    label: "hone tfjs",
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
  const instance = new WebGPUBackend(device, adapter.info) as unknown as WebgpuInstance;
  setUpKernels(core, "webgpu", instance);
  return {
    name: "webgpu",
    instance,
    kernel: kernelFinder(core, "webgpu"),
    maxLength: Math.floor(Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) / 4),
    finish: async () => {
      if (instance.commandEncoder) {
        instance.endComputePassEncoder();
        instance.submitQueue();
      }
      await device.queue.onSubmittedWorkDone();
    },
    lost: device.lost.then(({ message, reason }) => message || reason),
    onFault: (report) => {
      device.addEventListener("uncapturederror", ({ error }) => report(new Error(error.message)));
    },
    close: () => {
      instance.dispose();
      device.destroy();
    },
  };
}
