/**
 * Follows the layers while a model is traced, by standing in for `apply` on tfjs's base Layer.
 *
 * A few layers draw random numbers or keep state. They are caught here, before their `call`, since what
 * tfjs would do at the level of kernels cannot be traced: a mask computed in JavaScript, a variable written.
 */
import { HoneError } from "../errors.js";
import { type BatchNormalizationLayer, batchNormalization } from "./batch-normalization.js";
import { takeMasks } from "./cell-masks.js";
import { tensorFrom } from "./engine.js";
import { type Intrinsic, MORE_LAYERS } from "./kernel-table.js";
import { noiseLayers } from "./noise-layers.js";
import type { Recorder } from "./recorder.js";
import { refuseOnce } from "./stand-in.js";
import { layersOf } from "./structure.js";
import {
  type Apply,
  describeModel,
  type LayersModelLike,
  type ModelLayer,
  type TensorLike,
  type TracedLayer,
} from "./tfjs-types.js";
import { buildAsIs } from "./trained-model.js";

type CalculateLosses = (this: TracedLayer) => unknown;
interface BaseLayer {
  apply: Apply;
  calculateLosses: CalculateLosses;
  readonly build: unknown;
}

/** Why a layer cannot be compiled, or undefined. */
function objection(layer: ModelLayer): string | undefined {
  return layer.stateful === true ? "is stateful. Build it with stateful: false" : undefined;
}

/** The prototype of tfjs's base Layer, found from the model: there may be several copies of tfjs. */
function baseLayer(model: LayersModelLike): BaseLayer {
  let found: BaseLayer | undefined;
  for (let at = Object.getPrototypeOf(model); at; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "apply") && Object.hasOwn(at, "invokeCallHook")) found = at;
  }
  if (found) return found;
  throw new HoneError(
    "BadArgument",
    "compile",
    `the model is ${describeModel(model)}. Pass one made with tf.model or tf.sequential.`,
  );
}

/** What can be said of layers before they are called, so that nothing hides the later ones. */
function objectToAll(model: LayersModelLike, recorder: Recorder): void {
  for (const layer of layersOf(model)) {
    const reason = objection(layer);
    if (reason) recorder.inside(layer.name, () => recorder.object(reason));
  }
}

/** Runs `body` with every layer's `apply` recorded, nested models and custom layers included. */
export function followingLayers<T>(
  model: LayersModelLike,
  recorder: () => Recorder,
  body: () => T,
): T {
  const base = baseLayer(model);
  const { apply, calculateLosses } = base;
  const restore: (() => void)[] = [];
  const begun = new WeakSet<Recorder>();
  base.apply = function (this: TracedLayer, inputs, kwargs) {
    const current = recorder();
    if (!begun.has(current)) {
      begun.add(current);
      objectToAll(model, current);
      restore.push(...layersOf(model).map(takeMasks));
    }
    return refuseOnce(this, inputs, current, () => {
      const reason = objection(this);
      if (reason) current.refuse(reason);
      if (!this.built) restore.push(allowUnbuilt(this, base.build, current));
      const intrinsic = intrinsicOf(this);
      const tensor = (Array.isArray(inputs) ? inputs[0] : inputs) as TensorLike;
      if (!intrinsic || !tensor.dataId) return apply.call(this, inputs, kwargs);
      this.assertInputCompatibility(inputs);
      const result = intrinsic(this, current.resolve(tensor), current, kwargs ?? {});
      return result ? tensorFrom(current.give(result)) : apply.call(this, inputs, kwargs);
    });
  };
  base.calculateLosses = function (this: TracedLayer) {
    return recorder().inside(this.name, () => calculateLosses.call(this));
  };
  try {
    return body();
  } finally {
    base.apply = apply;
    base.calculateLosses = calculateLosses;
    for (const undo of restore.reverse()) undo();
  }
}

/** A layer without weights may be built by the trace, which then takes it back. */
function allowUnbuilt(layer: TracedLayer, baseBuild: unknown, recorder: Recorder): () => void {
  const { inputs, layers } = layer as unknown as Partial<LayersModelLike> & { layers?: unknown };
  if (layers && (inputs?.length ?? 0) > 0) {
    // A Sequential waits with its last wiring for the first call; that makes no weights.
    buildAsIs(layer as unknown as LayersModelLike);
    return () => undefined;
  }
  if (layer.build !== baseBuild) {
    recorder.refuse("is not built yet. Call model.predict on one example before compiling");
  }
  const count = layer._refCount;
  return () => {
    layer.built = false;
    if (count === undefined) delete layer._refCount;
    else layer._refCount = count;
  };
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  ...noiseLayers,
  BatchNormalization: (layer, x, recorder, { training }) =>
    batchNormalization(layer as BatchNormalizationLayer, x, recorder, training === true),
};

/** A user's own subclass is not caught: what its `call` does is traced, or refused. */
function intrinsicOf(layer: TracedLayer): Intrinsic | undefined {
  if (!Object.hasOwn(layer.constructor, "className")) return undefined;
  const kind = layer.getClassName();
  return INTRINSICS[kind] ?? MORE_LAYERS[kind];
}
