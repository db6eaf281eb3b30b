/**
 * The kernels' code, loaded once for each family, build and kind of memory. The base of them is compiled here too, once
 * for all devices: a module may be posted to any worker.
 */
import { BASE } from "./families.js";
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
  /** A family's code for shared memory. */
  bytes(family: string, relaxed: boolean): Promise<Bytes>;
}

/** What a family's code is called: see scripts/wasm-builds.mjs. */
export const buildOf = (family: string, relaxed: boolean) =>
  `${family}-${relaxed ? "relaxed" : "plain"}`;

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
 * The code of a family of kernels.
 * @throws BackendUnavailable when it cannot be had
 */
export function bytesOf(
  source: KernelSource,
  { relaxed, shared }: Build,
  family: string,
): Promise<Bytes> {
  const name = `${buildOf(family, relaxed)} ${source.key}`;
  const bytes = once(name, () => source.bytes(family, relaxed));
  return shared ? bytes : once(`own ${name}`, async () => unshared(await bytes));
}

/**
 * The base of a build, compiled.
 * @throws BackendUnavailable when its code cannot be had, or a page's policy forbids to compile any
 */
export function moduleOf(source: KernelSource, build: Build): Promise<WebAssembly.Module> {
  return once(`module ${build.relaxed} ${build.shared} ${source.key}`, async () => {
    const bytes = await bytesOf(source, build, BASE);
    try {
      return await WebAssembly.compile(bytes);
    } catch (cause) {
      throw notStarted(cause);
    }
  });
}
