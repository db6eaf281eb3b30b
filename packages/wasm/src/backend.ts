/** The wasm backend on the calling thread: what `wasm()` runs in its worker. */
import {
  type Backend,
  type Device,
  type DeviceInfo,
  HoneError,
  HostDevice,
  type Probe,
  type WatchThread,
} from "@hone/core/backend";
import { Arena } from "./arena.js";
import { features, hasSimd } from "./features.js";
import { WasmMachine } from "./machine.js";
import { Team } from "./team.js";
import { WORTH_SHARING } from "./workload.js";

export const backendName = "wasm";

/** More threads than this gain little at the batch sizes networks are trained with. */
const MOST_THREADS = 8;

/** Plain data: it crosses to the worker. */
export interface WasmSettings {
  /** As many as there are processors, at most 8, unless said; 1 where memory cannot be shared. */
  readonly threads?: number | undefined;
  /** False computes without fused multiply-add: slower, with the same bits on every machine. */
  readonly relaxed?: boolean | undefined;
  /** False keeps to memory of one thread's own. */
  readonly shared?: boolean | undefined;
  /** Operations of an entry from which threads share it; about 150 µs of work unless said. */
  readonly shareFrom?: number | undefined;
  readonly helperUrl?: string | undefined;
}

/** What will run here under these settings. */
interface Choice {
  readonly relaxed: boolean;
  readonly shared: boolean;
  readonly threads: number;
}

/** @param mayBlock whether the thread that computes may wait for others */
function choose({ threads, relaxed, shared }: WasmSettings, mayBlock: boolean): Choice {
  const found = features();
  const canShare = found.shared && shared !== false && mayBlock;
  const wanted = threads ?? Math.min(found.processors, MOST_THREADS);
  return {
    relaxed: found.relaxed && relaxed !== false,
    shared: canShare && (wanted > 1 || shared === true),
    threads: canShare ? wanted : 1,
  };
}

/** A page's own thread may not wait for others, only a worker's. */
function canBlockHere(): boolean {
  if ("document" in globalThis) return false;
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  return process?.versions?.node !== undefined || "WorkerGlobalScope" in globalThis;
}

function infoOf({ relaxed, threads }: Choice): DeviceInfo {
  const fused = relaxed && features().fused;
  const count = threads === 1 ? "1 thread" : `${threads} threads`;
  return {
    backend: backendName,
    description: `WASM ${relaxed ? "relaxed " : ""}SIMD, ${count}`,
    kind: "wasm",
    numerics: fused ? "wasm-fused" : "wasm-unfused",
    threads,
  };
}

/** @param watchThread is given the lifeline of each helper thread */
export function wasmBackend(settings: WasmSettings = {}, watchThread?: WatchThread): Backend {
  return {
    name: backendName,
    specVersion: 1,
    probe: async () => probe(settings),
    open: () => open(settings, watchThread),
  };
}

/**
 * Whether this platform runs WebAssembly with 128-bit SIMD, and on how many threads.
 * @param mayBlock true when it will compute in a worker
 */
export function probe(settings: WasmSettings = {}, mayBlock = canBlockHere()): Probe {
  if (typeof WebAssembly !== "object") {
    return {
      ok: false,
      reason: "there is no WebAssembly here",
      hint: "Use a browser from 2021 on (Chrome 91, Firefox 89, Safari 16.4) or Node 20, and allow 'wasm-unsafe-eval' in the Content-Security-Policy.",
    };
  }
  if (!hasSimd()) {
    return {
      ok: false,
      reason: "WebAssembly has no SIMD here",
      hint: "Use Chrome 91, Firefox 89, Safari 16.4, Node 20 or later, on a processor with SSE4.1 or NEON.",
    };
  }
  const choice = choose(settings, mayBlock);
  return { ok: true, info: infoOf(choice), ...threadHint(choice, settings) };
}

/** Why there is one thread although more would help, and what would bring them. */
function threadHint({ threads }: Choice, { shared }: WasmSettings): { readonly hint?: string } {
  const { processors, shared: canShare } = features();
  if (threads > 1 || processors === 1 || shared === false || canShare) return {};
  return {
    hint: `It computes on 1 of ${processors} processors, because this page's memory cannot be shared. Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.`,
  };
}

async function openChosen(
  choice: Choice,
  settings: WasmSettings,
  watchThread: WatchThread | undefined,
): Promise<Device> {
  const arena = await Arena.make(choice);
  const team = await Team.gather(arena, {
    threads: choice.threads,
    shareFrom: settings.shareFrom ?? WORTH_SHARING,
    helperUrl: settings.helperUrl,
    watchThread,
  });
  return new HostDevice(new WasmMachine(infoOf(choice), arena, team));
}

/** Falls back to one thread where helpers cannot be started, or memory cannot be shared after all. */
async function open(settings: WasmSettings, watchThread?: WatchThread): Promise<Device> {
  const probed = probe(settings);
  if (!probed.ok) {
    throw new HoneError("BackendUnavailable", backendName, `${probed.reason}. ${probed.hint}`);
  }
  const choice = choose(settings, canBlockHere());
  try {
    return await openChosen(choice, settings, watchThread);
  } catch (cause) {
    if (choice.shared && settings.shared !== true)
      return open({ ...settings, shared: false }, watchThread);
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause);
    const what = `its kernels could not be started (${reason}). Allow 'wasm-unsafe-eval' where a Content-Security-Policy applies, and leave memory free.`;
    throw new HoneError("BackendUnavailable", backendName, what, { cause });
  }
}
