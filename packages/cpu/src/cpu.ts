/** The way in: the reference backend, in a worker or on the calling thread. */
import {
  type Backend,
  checkOptions,
  hosted,
  isBoolean,
  isText,
  type Option,
  spawnWorker,
} from "@hone/core/backend";
import { type CpuBackendOptions, cpuBackend } from "./backend.js";
import code from "./worker.ts?worker-text";

export interface CpuOptions extends CpuBackendOptions {
  /** False computes on the calling thread. The default is true, and false with 64 bits. */
  readonly worker?: boolean;
  /** The address of the worker's script, for pages whose policy forbids blob workers. */
  readonly workerUrl?: string | URL;
}

/** What an option may be, by name. */
const knownOptions: Readonly<Record<keyof CpuOptions, Option>> = {
  precision: { is: (value) => value === 32 || value === 64, wanted: "32 or 64" },
  worker: { is: isBoolean, wanted: "true or false" },
  workerUrl: { is: (value) => isText(value) || value instanceof URL, wanted: "an address" },
};

/**
 * The reference backend: plain JavaScript, 32-bit floats unless told otherwise. With 64 bits it is
 * the yardstick of other backends, and not there to be waited for.
 * @throws BadArgument when `precision` is neither 32 nor 64
 */
export function cpu(options: CpuOptions = {}): Backend {
  checkOptions("cpu", options, knownOptions);
  const { precision = 32, workerUrl: url } = options;
  const backend = cpuBackend({ precision });
  if (!(options.worker ?? precision === 32)) return backend;
  return hosted({
    name: backend.name,
    settings: { precision } satisfies CpuBackendOptions,
    probe: () => backend.probe(),
    spawn: () => spawnWorker({ code, url, name: backend.name }),
    local: () => backend.open(),
  });
}
