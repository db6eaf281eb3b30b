/**
 * tfjs's own registry: of backends and of kernels.
 *
 * A stock backend registers itself and its kernels when its package is loaded, with a priority above
 * cpu's. Loaded by us, it must not become the default of a user who never asked for it: wasm and webgpu
 * start asynchronously, and a default that has not started makes every synchronous tfjs call throw.
 */
import type { KernelFunction, StockInstance, StockName } from "./stock.js";

/** Below every stock backend: chosen by tfjs only where there is no other. */
const LAST_PRIORITY = 0;

type Setup = (instance: StockInstance) => void;

/** The functions of @tensorflow/tfjs-core that are used, in our types. */
export interface TfjsCore {
  readonly version_core: string;
  findBackendFactory(name: string): (() => unknown) | null;
  registerBackend(name: string, factory: () => unknown, priority: number): boolean;
  removeBackend(name: string): void;
  getKernel(name: string, backend: string): { readonly kernelFunc: KernelFunction } | undefined;
  getKernelsForBackend(backend: string): readonly { readonly setupFunc?: Setup }[];
  engine(): { readonly registry: Record<string, StockInstance | undefined> };
}

/** tfjs-core, loaded late: a page may never need it. */
export async function loadCore(): Promise<TfjsCore> {
  return (await import("@tensorflow/tfjs-core")) as unknown as TfjsCore;
}

/** Loads a stock backend's package; the user's default backend stays what it was. */
export async function loadQuietly<Module>(
  core: TfjsCore,
  name: StockName,
  load: () => Promise<Module>,
): Promise<Module> {
  const known = core.findBackendFactory(name) !== null;
  const module = await load();
  const factory = core.findBackendFactory(name);
  if (!known && factory) {
    core.removeBackend(name);
    core.registerBackend(name, factory, LAST_PRIORITY);
  }
  return module;
}

/** Gives the kernels of a backend the instance that they keep, as `setBackend` would. */
export function setUpKernels(core: TfjsCore, name: StockName, instance: StockInstance): void {
  for (const { setupFunc } of core.getKernelsForBackend(name)) setupFunc?.(instance);
}

/** Looks kernels up in tfjs's registry, each once. */
export function kernelFinder(core: TfjsCore, backend: StockName) {
  const found = new Map<string, KernelFunction | undefined>();
  return (name: string): KernelFunction | undefined => {
    if (!found.has(name)) found.set(name, core.getKernel(name, backend)?.kernelFunc);
    return found.get(name);
  };
}
