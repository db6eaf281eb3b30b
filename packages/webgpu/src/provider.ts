/** Finds WebGPU: the browser's own, or in Node the optional package `webgpu` (Dawn). */

import { absentWebgpu } from "@hone/core/backend";
import { findVulkan, readyVulkan } from "./vulkan-loader.js";

export interface WebgpuOptions {
  readonly powerPreference?: GPUPowerPreference;
  /** Gives the `GPU` object to use instead of the one found here. */
  readonly provider?: () => Promise<GPU>;
}

export type Found =
  | { readonly ok: true; readonly gpu: GPU; readonly adapter: GPUAdapter }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/** An adapter, or why there is none and what would help. Never throws. */
export async function findAdapter(options: WebgpuOptions): Promise<Found> {
  try {
    const found = await findGpu(options);
    if ("reason" in found) return { ok: false, ...found };
    const adapter = await found.gpu.requestAdapter(
      options.powerPreference ? { powerPreference: options.powerPreference } : {},
    );
    if (adapter) return { ok: true, gpu: found.gpu, adapter };
    return { ok: false, reason: "WebGPU is here, but it found no GPU", hint: adapterHint() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `WebGPU failed to start (${reason})`, hint: adapterHint() };
  }
}

async function findGpu(
  options: WebgpuOptions,
): Promise<{ gpu: GPU } | { reason: string; hint: string }> {
  if (options.provider) return { gpu: await options.provider() };
  // Typed as always there, but workers of old browsers and Node have none.
  const native = (globalThis.navigator as Navigator | undefined)?.gpu as GPU | undefined;
  if (native) return { gpu: native };
  return isNode() ? dawn() : absentWebgpu();
}

async function dawn(): Promise<{ gpu: GPU } | { reason: string; hint: string }> {
  // A variable, so that the bundle of a page does not look for the package.
  const name = "webgpu";
  let module: { create(flags: string[]): GPU };
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  } catch (error) {
    const missing = (error as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    const reason = missing
      ? 'Node needs the package "webgpu" for WebGPU, and it is not installed'
      : `the package "webgpu" does not load (${error instanceof Error ? error.message : error})`;
    return { reason, hint: "npm install webgpu" };
  }
  return readyVulkan() ?? { gpu: module.create([]) };
}

function isNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}

function adapterHint(): string {
  if (!isNode()) {
    return "turn on hardware acceleration in the browser's settings, and see its GPU page";
  }
  if (process.platform !== "linux") return "install the GPU's driver";
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { softwareDriver } = findVulkan(process.env, existsSync);
  const chosen = process.env.VK_ICD_FILENAMES;
  if (chosen === undefined) {
    const place = softwareDriver ?? "the vk_swiftshader_icd.json of a Chromium";
    return `install the GPU's driver with Vulkan, or set VK_ICD_FILENAMES to ${place} for a software GPU`;
  }
  return existsSync(chosen)
    ? `VK_ICD_FILENAMES is ${chosen}, whose driver gives no adapter; unset it or name another`
    : `VK_ICD_FILENAMES is ${chosen}, which does not exist; correct or unset it`;
}
