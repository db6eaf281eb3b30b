/** WebGPU in Node: that of the optional package `webgpu` (Dawn). */
import { messageOf } from "@hone/core/hosted";
import type { GpuSource, Unfound } from "./provider.js";
import { findVulkan, readyVulkan } from "./vulkan-loader.js";

export const nodeGpu: GpuSource = {
  find: dawn,
  adapterHint,
};

async function dawn(): Promise<{ readonly gpu: GPU } | Unfound> {
  // A variable, so that the bundle of a page does not look for the package.
  const name = "webgpu";
  let module: { create(flags: string[]): GPU };
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  } catch (error) {
    const missing = (error as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    const reason = missing
      ? 'Node needs the package "webgpu" for WebGPU, and it is not installed'
      : `the package "webgpu" does not load (${messageOf(error)})`;
    return { reason, hint: "npm install webgpu" };
  }
  return readyVulkan() ?? { gpu: module.create([]) };
}

function adapterHint(): string {
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
