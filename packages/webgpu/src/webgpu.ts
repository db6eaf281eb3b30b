/** WebGPU in a worker in a page, and on the calling thread everywhere else. */
import {
  type Backend,
  checkOptions,
  HoneError,
  hosted,
  isBoolean,
  isFunction,
  isWorkerAddress,
  type Option,
  spawnWorker,
  type WorkerAddress,
} from "@hone/core/hosted";
import { directFrom, type LoadKernels } from "./backend.js";
import type { WebgpuOptions } from "./provider.js";
import type { WorkerSettings } from "./served.js";

export interface WebgpuBackendOptions extends WebgpuOptions {
  /**
   * False computes on the calling thread. The default is true in a page, so that drawing never waits
   * for a step; in Node, where WebGPU does not block, there is no worker.
   */
  readonly worker?: boolean;
  /**
   * The address of the worker's script (dist/worker.js of this package), for pages whose policy forbids blob workers;
   * where a page demands Trusted Types, a TrustedScriptURL will do as well.
   */
  readonly workerUrl?: WorkerAddress;
}

/** What an option may be, by name. */
const knownOptions: Readonly<Record<keyof WebgpuBackendOptions, Option>> = {
  worker: { is: isBoolean, wanted: "true or false" },
  workerUrl: { is: isWorkerAddress, wanted: "an address" },
  powerPreference: {
    is: (value) => value === "low-power" || value === "high-performance",
    wanted: "low-power or high-performance",
  },
  provider: { is: isFunction, wanted: "a function that gives a GPU" },
};

/** All of the backend, or what predicting needs of it. */
export interface Edition {
  readonly onlyPredicts: boolean;
  /** The worker's program as text. */
  readonly code: string;
  readonly kernels: LoadKernels;
}

/** @throws BadArgument when an option is not what it may be, or a worker is asked for where there is none */
export function webgpuFrom(
  { onlyPredicts, code, kernels }: Edition,
  options: WebgpuBackendOptions,
): Backend {
  checkOptions("webgpu", options, knownOptions);
  const { worker, workerUrl: url, ...rest } = options;
  const direct = directFrom(kernels, rest);
  const page = typeof Worker === "function" && !("WorkerGlobalScope" in globalThis);
  if (!(worker ?? (page && !options.provider))) return direct;
  if (options.provider || typeof Worker !== "function") {
    const why = options.provider ? "a provider cannot cross to it" : "here it runs without one";
    throw new HoneError(
      "BadArgument",
      "webgpu",
      `a worker was asked for, and ${why}. Leave it out.`,
    );
  }
  const settings: WorkerSettings = {
    onlyPredicts,
    ...(options.powerPreference && { powerPreference: options.powerPreference }),
  };
  return hosted({
    name: direct.name,
    settings: () => settings,
    probe: () => direct.probe(),
    spawn: () => spawnWorker({ code, url, name: direct.name }),
  });
}
