/** The way in: the wasm backend, in a worker or on the calling thread. */
import {
  type Backend,
  checkOptions,
  HoneError,
  hosted,
  isBoolean,
  isText,
  type Option,
  spawnWorker,
} from "@hone/core/backend";
import { backendName, probe, type WasmSettings, wasmBackend } from "./backend.js";
import code from "./worker.ts?worker-text";

export interface WasmOptions {
  /** False computes on the calling thread, for tests and tiny programs; in a page, on that one alone. */
  readonly worker?: boolean;
  /** The address of the worker's script, for pages whose policy forbids blob workers. */
  readonly workerUrl?: string | URL;
  /**
   * Threads that compute: as many as there are processors, at most 8, unless said. Where memory
   * cannot be shared (a page that is not cross-origin isolated) it is 1, and `probe` says so.
   */
  readonly threads?: number;
  /** False keeps to arithmetic without fused multiply-add: slower, and the same bits on every machine. */
  readonly relaxed?: boolean;
  /**
   * Operations of an entry (a training step, a prediction) from which threads share it; smaller ones
   * are not worth waking them for. 8e6 unless said; 0 shares everything.
   */
  readonly shareFrom?: number;
  /** False keeps to memory that is not shared, and so to one thread. */
  readonly shared?: boolean;
}

/** What an option may be, by name. */
const knownOptions: Readonly<Record<keyof WasmOptions, Option>> = {
  worker: { is: isBoolean, wanted: "true or false" },
  workerUrl: { is: (value) => isText(value) || value instanceof URL, wanted: "an address" },
  threads: {
    is: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 64,
    wanted: "a whole number from 1 to 64, or leave it out",
  },
  relaxed: { is: isBoolean, wanted: "true or false" },
  shareFrom: { is: (value) => typeof value === "number" && value >= 0, wanted: "a number from 0" },
  shared: { is: isBoolean, wanted: "true or false" },
};

/**
 * SIMD kernels in WebAssembly on a team of threads, run in a worker so that the calling thread stays
 * free. Results are the same, bit for bit, on any number of threads.
 * @throws BadArgument when `threads` is not a whole number from 1 to 64, or `workerUrl` no address
 */
export function wasm(options: WasmOptions = {}): Backend {
  checkOptions("wasm", options, knownOptions);
  const { worker = true, workerUrl: url, threads, relaxed, shared, shareFrom } = options;
  const helperUrl = url === undefined ? undefined : absolute(url);
  const settings: WasmSettings = { threads, relaxed, shared, shareFrom, helperUrl };
  if (!worker) return wasmBackend(settings);
  return hosted({
    name: backendName,
    settings,
    probe: async () => probe(settings, true),
    spawn: () => spawnWorker({ code, url, name: backendName }),
    local: () => wasmBackend({ threads: 1, relaxed, shared: false }).open(),
  });
}

/** A worker's own address is another base than the page's. */
function absolute(url: string | URL): string {
  const base = (globalThis as { readonly location?: { readonly href: string } }).location?.href;
  try {
    return new URL(url, base).href;
  } catch (cause) {
    const what = `workerUrl is "${url}", which is no address here. Give a whole one.`;
    throw new HoneError("BadArgument", backendName, what, { cause });
  }
}
