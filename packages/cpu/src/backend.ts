/** A backend that exists wherever JavaScript does, on the calling thread. */
import { type Backend, type DeviceInfo, HoneError, HostDevice } from "@hone/core/backend";
import { CpuMachine } from "./machine.js";

export interface CpuBackendOptions {
  /** Bits of a float. 64 makes every float32 buffer hold doubles: the yardstick for other backends. */
  readonly precision?: 32 | 64;
}

/**
 * The reference backend on the calling thread: `run` computes before it returns.
 * @throws BadArgument when `precision` is neither 32 nor 64
 */
export function cpuBackend(options: CpuBackendOptions = {}): Backend {
  const precision = options.precision ?? 32;
  if (precision !== 32 && precision !== 64) {
    throw new HoneError("BadArgument", "cpu", `precision is ${precision}. Use 32 or 64.`);
  }
  const info: DeviceInfo = {
    backend: "cpu",
    description: `JavaScript, ${precision}-bit`,
    kind: "cpu",
    numerics: precision === 64 ? "js-f64" : "js-f32",
    threads: 1,
  };
  return {
    name: "cpu",
    specVersion: 1,
    probe: async () => ({ ok: true, info }),
    open: async () => new HostDevice(new CpuMachine(info, precision)),
  };
}
