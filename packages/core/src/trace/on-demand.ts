/** What few models need is loaded for the first of them, or when a trace has met something that is not there. */
import { isHoneError } from "../errors.js";
import { loadAllOps, loadMissedOps } from "../graph/ops/index.js";
import { KERNELS } from "./kernel-table.js";
import { LATE, type Part } from "./late-parts.js";

/** In this order. */
const LATER = [() => import("./common-parts.js"), () => import("./rare-parts.js")];

export function addPart({ kernels, layers, ...others }: Part, count: number): void {
  Object.assign(KERNELS, kernels);
  Object.assign(LATE.layers, layers);
  Object.assign(LATE, others, { count: Math.max(LATE.count, count) });
}

/** Loads as many parts as are needed; all unless given, and all ops. */
export async function loadParts(count?: number): Promise<void> {
  const ops = count === undefined ? loadAllOps() : undefined;
  const parts = await Promise.all(LATER.slice(0, count).map((load) => load()));
  await ops;
  for (const [at, { part }] of parts.entries()) addPart(part, at + 1);
}

/**
 * What `capture` gives. Where it is refused it runs again with the ops that it lacked, or another part, until there is no more.
 * @param needed the parts that it needs, as far as is known @throws as `capture` does
 */
export async function withParts<T>(needed: number, capture: () => Promise<T>): Promise<T> {
  for (let count = Math.max(needed, LATE.count); ; count++) {
    if (count > LATE.count) await loadParts(count);
    try {
      return await capture();
    } catch (error) {
      if (await loadMissedOps()) count--;
      else if (count >= LATER.length || !isHoneError(error, "UnsupportedModel")) throw error;
    }
  }
}
