/** What a cpu backend may be told, and what it says of itself: all that needs no kernel. */
import { type DeviceInfo, HoneError } from "@hone/core/hosted";

export interface CpuBackendOptions {
  /** Bits of a float. 64 makes every float32 buffer hold doubles: the yardstick for other backends. */
  readonly precision?: 32 | 64;
}

/** @throws BadArgument when `precision` is neither 32 nor 64 */
export function infoOf({ precision = 32 }: CpuBackendOptions): DeviceInfo {
  if (precision !== 32 && precision !== 64) {
    throw new HoneError("BadArgument", "cpu", `precision is ${precision}. Use 32 or 64.`);
  }
  return {
    backend: "cpu",
    description: `JavaScript, ${precision}-bit`,
    kind: "cpu",
    numerics: precision === 64 ? "js-f64" : "js-f32",
    threads: 1,
  };
}
