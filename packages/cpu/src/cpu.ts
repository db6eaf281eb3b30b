/** The way in: the reference backend, in a worker or on the calling thread. */
import {
  type Backend,
  checkOptions,
  hosted,
  isBoolean,
  isWorkerAddress,
  type Option,
  spawnWorker,
  type WorkerAddress,
} from "@hone/core/hosted";
import { type CpuBackendOptions, infoOf } from "./options.js";
import code from "./worker.ts?worker-text";

/** The options of `cpu`. */
export interface CpuOptions extends CpuBackendOptions {
  /** False computes on the calling thread. The default is true, and false with 64 bits. */
  readonly worker?: boolean;
  /**
   * The address of the worker's script (dist/worker.js of this package), for pages whose policy forbids blob workers;
   * where a page demands Trusted Types, a TrustedScriptURL will do as well.
   */
  readonly workerUrl?: WorkerAddress;
}

/** What an option may be, by name. */
const knownOptions: Readonly<Record<keyof CpuOptions, Option>> = {
  precision: { is: (value) => value === 32 || value === 64, wanted: "32 or 64" },
  worker: { is: isBoolean, wanted: "true or false" },
  workerUrl: { is: isWorkerAddress, wanted: "an address" },
};

/**
 * The reference backend: plain JavaScript, 32-bit floats unless told otherwise. With 64 bits it is
 * the yardstick of other backends, and not there to be waited for.
 * @throws BadArgument when `precision` is neither 32 nor 64
 */
export function cpu(options: CpuOptions = {}): Backend {
  checkOptions("cpu", options, knownOptions);
  const { precision = 32, workerUrl: url } = options;
  const info = infoOf({ precision });
  const probe: Backend["probe"] = async () => ({ ok: true, info });
  // Late: most pages compute in a worker, whose text holds all this once more.
  const openHere = async () => (await import("./backend.js")).cpuBackend({ precision }).open();
  if (!(options.worker ?? precision === 32)) {
    return { name: "cpu", specVersion: 1, probe, open: openHere };
  }
  return hosted({
    name: "cpu",
    settings: () => ({ precision }) satisfies CpuBackendOptions,
    probe,
    spawn: () => spawnWorker({ code, url, name: "cpu" }),
    local: openHere,
  });
}
