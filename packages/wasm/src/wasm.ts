/** The way in: the wasm backend, in a worker or on the calling thread. */
import { type Backend, HoneError, hosted, spawnWorker } from "@hone/core/backend";
import { backendName, probe, wasmBackend } from "./backend.js";
import code from "./worker.ts?worker-text";

export interface WasmOptions {
  /** False computes on the calling thread, for tests and tiny programs. */
  readonly worker?: boolean;
  /** The address of the worker's script, for pages whose policy forbids blob workers. */
  readonly workerUrl?: string | URL;
  /** Threads that compute: 1. */
  readonly threads?: number;
}

/**
 * SIMD kernels in WebAssembly, run in a worker so that the calling thread stays free.
 * @throws BadArgument when `threads` is not 1
 */
export function wasm(options: WasmOptions = {}): Backend {
  const { worker = true, workerUrl: url, threads = 1 } = options;
  if (threads !== 1) {
    const what = `threads is ${threads}, but this build computes on 1 thread. Leave it out or give 1.`;
    throw new HoneError("BadArgument", backendName, what);
  }
  if (!worker) return wasmBackend();
  return hosted({
    name: backendName,
    probe: async () => probe(),
    spawn: () => spawnWorker({ code, url, name: backendName }),
  });
}
