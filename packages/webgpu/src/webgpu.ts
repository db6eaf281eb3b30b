/** WebGPU in a worker in a page, and on the calling thread everywhere else. */
import {
  absentWebgpu,
  type Backend,
  checkOptions,
  HoneError,
  hosted,
  isBoolean,
  isFunction,
  isWorkerAddress,
  lowered,
  type Option,
  spawnWorker,
  type WorkerAddress,
} from "@hone/core/hosted";
import { loadLowering, unlowered } from "./backend.js";
import { nativeGpu, unavailable, type WebgpuOptions } from "./provider.js";
import type { WorkerSettings } from "./worker.js";
import code from "./worker.ts?worker-text";

/** How `webgpu` runs. */
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

/**
 * WebGPU: the browser's, or in Node that of the package `webgpu` (Dawn), which has to be installed
 * beside this one. Nothing is loaded before the backend is probed or opened, and kernels with the first program that
 * needs them.
 * @throws BadArgument when an option is not what it may be, or a worker is asked for in Node, or together with a `provider`
 */
export function webgpu(options: WebgpuBackendOptions = {}): Backend {
  checkOptions("webgpu", options, knownOptions);
  const { worker, workerUrl: url, ...rest } = options;
  const direct = unlowered(rest);
  const page = typeof Worker === "function" && !("WorkerGlobalScope" in globalThis);
  if (!(worker ?? (page && !options.provider))) return lowered(direct, loadLowering);
  if (options.provider || typeof Worker !== "function") {
    const why = options.provider ? "a provider cannot cross to it" : "here it runs without one";
    throw new HoneError(
      "BadArgument",
      "webgpu",
      `a worker was asked for, and ${why}. Leave it out.`,
    );
  }
  const { powerPreference } = options;
  const settings: WorkerSettings = powerPreference ? { powerPreference } : {};
  const { name, probe } = direct;
  const spawn = async () => {
    if (!nativeGpu()) throw unavailable(await absentWebgpu());
    return spawnWorker({ code, url, name });
  };
  return lowered(hosted({ name, settings: () => settings, probe, spawn }), loadLowering);
}
