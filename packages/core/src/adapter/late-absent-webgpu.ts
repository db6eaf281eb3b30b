/** `absentWebgpu`, loaded where WebGPU is absent: most pages never need its words. */
import type { AbsentWebgpu } from "./absent-webgpu.js";

export async function absentWebgpu(): Promise<AbsentWebgpu> {
  return (await import("./absent-webgpu.js")).absentWebgpu();
}
