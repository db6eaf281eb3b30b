/** What will run under which settings, and whether anything will: decided on the calling thread. */
import type { DeviceInfo, Probe } from "@hone/core/hosted";
import { features, hasSimd } from "./features.js";
import type { Build } from "./module.js";

/** More threads than this gain little at the batch sizes networks are trained with. */
const MOST_THREADS = 8;

/** What a user may ask for. */
export interface Wishes {
  /** As many as there are processors, at most 8, unless said; 1 where memory cannot be shared. */
  readonly threads?: number | undefined;
  /** False computes without fused multiply-add: slower, with the same bits on every machine. */
  readonly relaxed?: boolean | undefined;
  /** False keeps to memory of one thread's own. */
  readonly shared?: boolean | undefined;
}

/** What there will be. */
export interface Choice extends Build {
  readonly threads: number;
}

/** @param mayBlock whether the thread that computes may wait for others */
export function choose({ threads, relaxed, shared }: Wishes, mayBlock: boolean): Choice {
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
export function canBlockHere(): boolean {
  if ("document" in globalThis) return false;
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  return process?.versions?.node !== undefined || "WorkerGlobalScope" in globalThis;
}

export function infoOf({ relaxed, threads }: Choice): DeviceInfo {
  const fused = relaxed && features().fused;
  const count = threads === 1 ? "1 thread" : `${threads} threads`;
  return {
    backend: "wasm",
    description: `WASM ${relaxed ? "relaxed " : ""}SIMD, ${count}`,
    kind: "wasm",
    numerics: fused ? "wasm-fused" : "wasm-unfused",
    threads,
  };
}

/** Whether this platform runs WebAssembly with 128-bit SIMD. */
export function isAbsent(): boolean {
  return typeof WebAssembly !== "object" || !hasSimd();
}

/**
 * Whether this platform runs WebAssembly with 128-bit SIMD, and on how many threads.
 * @param mayBlock as for `choose`
 */
export async function probe(wishes: Wishes, mayBlock: boolean): Promise<Probe> {
  if (isAbsent()) return (await import("./choice-words.js")).absence();
  const choice = choose(wishes, mayBlock);
  const info = infoOf(choice);
  const { processors, shared: canShare } = features();
  if (choice.threads > 1 || processors === 1 || wishes.shared === false || canShare) {
    return { ok: true, info };
  }
  return { ok: true, info, hint: (await import("./choice-words.js")).oneOf(processors) };
}
