/**
 * The tfjs kernels that can be traced, and the layers that are caught before their `call`. What dense and convolutional
 * networks need is there at once; the rest is loaded when a trace has met something that is not.
 */
import { isHoneError } from "../errors.js";
import { denseKernels } from "./kernels/dense.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import type { Kernel, Kernels } from "./kernels/kernel.js";
import { shapeKernels } from "./kernels/shape.js";
import type { Recorder } from "./recorder.js";
import type { Kwargs, TracedLayer } from "./tfjs-types.js";
import type { Traced } from "./traced.js";

/** A layer in the place of its own `call`; undefined leaves it to that. */
export type Intrinsic = (
  layer: TracedLayer,
  x: Traced,
  recorder: Recorder,
  kwargs: Kwargs,
) => Traced | undefined;

export interface MoreKernels {
  readonly kernels: Kernels;
  /** By their class. */
  readonly layers: Readonly<Record<string, Intrinsic>>;
}

const kernels: Record<string, Kernel> = { ...elementwiseKernels, ...shapeKernels, ...denseKernels };
const layers: Record<string, Intrinsic> = {};
let isWhole = false;

/** By their names in tfjs. */
export const KERNELS: Kernels = kernels;
/** Those that were loaded, by their class. */
export const MORE_LAYERS: Readonly<Record<string, Intrinsic>> = layers;

export function add(more: MoreKernels): void {
  Object.assign(kernels, more.kernels);
  Object.assign(layers, more.layers);
  isWhole = true;
}

/** Loads the rest, once. */
export async function loadAllKernels(): Promise<void> {
  if (!isWhole) add((await import("./more-kernels.js")).more);
}

/** What `capture` gives; where it is refused it runs again with all kernels. @throws as it does */
export async function withKernelsOnDemand<T>(capture: () => T): Promise<T> {
  try {
    return capture();
  } catch (error) {
    if (isWhole || !isHoneError(error, "UnsupportedModel")) throw error;
  }
  await loadAllKernels();
  return capture();
}
