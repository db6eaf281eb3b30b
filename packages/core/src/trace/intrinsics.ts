/** Layers that are caught before their `call`, beyond those that every page has. */
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

const layers: Record<string, Intrinsic> = {};

/** Those that were loaded, by their class. */
export const MORE_LAYERS: Readonly<Record<string, Intrinsic>> = layers;

export function addLayers(more: Readonly<Record<string, Intrinsic>>): void {
  Object.assign(layers, more);
}
