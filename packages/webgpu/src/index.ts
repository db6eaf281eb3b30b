/** The public names of @hone/webgpu. */
export { directWebgpu } from "./backend.js";
export type { WebgpuOptions } from "./provider.js";
export { type WebgpuBackendOptions, webgpu } from "./webgpu.js";
