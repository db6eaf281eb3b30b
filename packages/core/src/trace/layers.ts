/**
 * Follows the layers while a model is traced, by standing in for `apply` on tfjs's base Layer.
 *
 * A few layers draw random numbers or keep state. They are caught here, before their `call`, since what
 * tfjs would do at the level of kernels cannot be traced: a mask computed in JavaScript, a variable written.
 */
import { HoneError, isHoneError } from "../errors.js";
import { callNamed } from "./call-named.js";
import { onRecorder, tensorFrom } from "./engine.js";
import { type Intrinsic, LATE, partsOfLayer } from "./late-parts.js";
import type { Recorder } from "./recorder.js";
import { layersOf } from "./structure.js";
import {
  type Apply,
  describeModel,
  type Kwargs,
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
function followingLayers<T>(model: LayersModelLike, recorder: Recorder, body: () => T): T {
  const base = baseLayer(model);
  const { apply, calculateLosses } = base;
  const { takeMasks, catchingCalls, standIn } = LATE;
  objectToAll(model, recorder);
  const restore = takeMasks ? layersOf(model).map(takeMasks) : [];
  const called = (layer: TracedLayer, inputs: unknown, kwargs: Kwargs | undefined): unknown => {
    const reason = objection(layer);
    if (reason) recorder.refuse(reason);
    if (!layer.built) restore.push(allowUnbuilt(layer, base.build, recorder));
    const tensor = (Array.isArray(inputs) ? inputs[0] : inputs) as TensorLike;
    const intrinsic = intrinsicOf(layer, recorder);
    if (intrinsic && tensor.dataId) {
      layer.assertInputCompatibility(inputs);
      const result = intrinsic(layer, recorder.resolve(tensor), recorder, kwargs ?? {});
      if (result) return tensorFrom(recorder.give(result));
    }
    const own = () => apply.call(layer, inputs, kwargs);
    return catchingCalls ? catchingCalls(layer, recorder, own) : own();
  };
  base.apply = function (this: TracedLayer, inputs, kwargs) {
    return recorder.inside(this.name, () => {
      try {
        return called(this, inputs, kwargs);
      } catch (error) {
        if (!standIn || !isHoneError(error, "UnsupportedModel")) throw error;
        return standIn(this, inputs, recorder, error);
      }
    });
  };
  base.calculateLosses = function (this: TracedLayer) {
    return recorder.inside(this.name, () => calculateLosses.call(this));
  };
  try {
    return body();
  } finally {
    base.apply = apply;
    base.calculateLosses = calculateLosses;
    for (const undo of restore.reverse()) undo();
  }
}

/**
 * One trace: `body` calls the model, or a function, on tensors without values. Model and engine are left as they were.
 * @param model whose layers are followed @param advice what to do where tfjs fails, a sentence
 */
export function oneTrace<T>(
  recorder: Recorder,
  model: LayersModelLike | undefined,
  advice: string,
  body: () => T,
): T {
  const run = () => callNamed(recorder, advice, () => onRecorder(recorder, body));
  return model ? followingLayers(model, recorder, run) : run();
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

/** A user's own subclass is not caught: what its `call` does is traced, or refused. */
function intrinsicOf(layer: TracedLayer, recorder: Recorder): Intrinsic | undefined {
  if (partsOfLayer(layer) > LATE.count) recorder.refuse("is of a class that is not loaded");
  const isCaught = Object.hasOwn(layer.constructor, "className");
  return isCaught ? LATE.layers[layer.getClassName()] : undefined;
}
