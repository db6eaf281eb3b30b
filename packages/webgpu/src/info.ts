/** What an adapter says of itself, in the words of the contract. */
import { adapterWords, type DeviceInfo, isSoftwareAdapter } from "@hone/core/hosted";

export const NAME = "webgpu";

/** What the adapter is. */
export function describe(adapter: GPUAdapter): DeviceInfo {
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
