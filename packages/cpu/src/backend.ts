/** A backend that exists wherever JavaScript does, on the calling thread. */
import { type Backend, HostDevice } from "@hone/core/backend";
import { CpuMachine } from "./machine.js";
import { type CpuBackendOptions, infoOf } from "./options.js";

/**
 * The reference backend on the calling thread: `run` computes before it returns.
 * @throws BadArgument when `precision` is neither 32 nor 64
 */
export function cpuBackend(options: CpuBackendOptions = {}): Backend {
  const info = infoOf(options);
  return {
    name: "cpu",
    specVersion: 1,
    probe: async () => ({ ok: true, info }),
    open: async () => new HostDevice(new CpuMachine(info, options.precision ?? 32)),
  };
}
