/**
 * What only some models need of the tracer, as far as it is loaded (on-demand.ts loads it).
 *
 * Two parts: `common-parts.ts`, and `rare-parts.ts` beyond it. A part that a trace lacks is refused like anything that
 * cannot be compiled, and then there is another trace with one part more.
 */
import type { HoneError } from "../errors.js";
import type { Kernels } from "./kernels/kernel.js";
import type { Recorder } from "./recorder.js";
import { layersOf } from "./structure.js";
import {
  isLayersModel,
  type Kwargs,
  type LayersModelLike,
  type ModelLayer,
  type TracedLayer,
} from "./tfjs-types.js";
import type { TraceFunctions } from "./trace-functions.js";
import type { Traced } from "./traced.js";

/** A layer in the place of its own `call`; undefined leaves it to that. */
export type Intrinsic = (
  layer: TracedLayer,
  x: Traced,
  recorder: Recorder,
  kwargs: Kwargs,
) => Traced | undefined;

/** What a part holds beside kernels. */
export interface LateParts {
  /** Layers that are caught before their `call`, by their class in tfjs. */
  readonly layers: Readonly<Record<string, Intrinsic>>;
  readonly traceFunctions?: TraceFunctions;
  /** Runs `body` with recurrent layers stood in for. */
  readonly catchingCalls?: <T>(layer: ModelLayer, recorder: Recorder, body: () => T) => T;
  /** Takes away what cells keep between time steps. @returns what puts it back */
  readonly takeMasks?: (layer: ModelLayer) => () => void;
  /** What to put in the place of the output of a layer that is refused, so that others can be refused too. */
  readonly standIn?: (
    layer: TracedLayer,
    inputs: unknown,
    recorder: Recorder,
    error: HoneError,
  ) => unknown;
  /** What to do about a message of tfjs's, where more can be said than by default. */
  readonly adviceFor?: (message: string) => string | undefined;
}

/** A part as its module gives it. */
export interface Part extends LateParts {
  readonly kernels: Kernels;
}

/** All that is loaded, and how many parts that is. */
export const LATE: LateParts & { count: number } = { layers: {}, count: 0 };

/** How many parts it takes to catch layers of these classes. */
const PARTS_OF: Readonly<Record<string, number>> = {
  Dropout: 1,
  SpatialDropout1D: 1,
  GaussianNoise: 1,
  GaussianDropout: 1,
  AlphaDropout: 1,
  BatchNormalization: 1,
  CategoryEncoding: 2,
  CenterCrop: 2,
};

/** How many parts a layer needs: 0, 1 or 2. */
export function partsOfLayer(layer: ModelLayer): number {
  const { cell, forwardLayer, layer: wrapped } = layer;
  const inner = [forwardLayer, wrapped].map((one) => (one ? partsOfLayer(one) : 0));
  return Math.max(cell ? 2 : 0, PARTS_OF[layer.getClassName()] ?? 0, ...inner);
}

/** How many parts the layers of a model need; those that its own layers hold show when they are called. */
export function partsOf(model: LayersModelLike): number {
  return isLayersModel(model) ? Math.max(0, ...layersOf(model).map(partsOfLayer)) : 0;
}
