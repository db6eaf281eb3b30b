/**
 * The kernels as modules, compiled once for each build and kind of memory and then shared: a module may be posted to
 * any worker.
 */
import { notStarted } from "./not-started.js";
import { type Bytes, unshared } from "./unshared.js";

export interface Build {
  /** Fused multiply-add where the machine has it. */
  readonly relaxed: boolean;
  /** For memory that threads share. */
  readonly shared: boolean;
}

/** Where the kernels' code comes from. */
export interface KernelSource {
  /** Sources of equal keys give the same bytes. */
  readonly key: string;
  /** The code for shared memory. */
  bytes(relaxed: boolean): Promise<Bytes>;
}

const made = new Map<string, Promise<unknown>>();

/** The same promise each time, but for one that failed: whoever asks then tries again. */
function once<Value>(key: string, make: () => Promise<Value>): Promise<Value> {
  const known = made.get(key) as Promise<Value> | undefined;
  if (known) return known;
  const making = make();
  made.set(key, making);
  making.catch(() => {
    if (made.get(key) === making) made.delete(key);
  });
  return making;
}

/**
 * The module of a build.
 * @throws BackendUnavailable when its code cannot be had, or a page's policy forbids to compile any
 */
export function moduleOf(
  source: KernelSource,
  { relaxed, shared }: Build,
): Promise<WebAssembly.Module> {
  const name = `${relaxed ? "relaxed" : "plain"} ${source.key}`;
  return once(`${shared ? "shared" : "own"} ${name}`, async () => {
    const bytes = await once(name, () => source.bytes(relaxed));
    try {
      return await WebAssembly.compile(shared ? bytes : unshared(bytes));
    } catch (cause) {
      throw notStarted(cause);
    }
  });
}
