/**
 * A model's layers and weights by where they stand, which `trainable` does not change.
 *
 * tfjs lists a model's weights with those that train first, so `model.weights` is in another order once
 * a layer is frozen; and a frozen twin, such as the target network of a DQN, is in another order from birth.
 */
import type { LayersModelLike, LayerVariableLike, ModelLayer } from "./tfjs-types.js";

/** One weight and what makes it the same weight in a model built alike. */
export interface WeightPlace {
  readonly variable: LayerVariableLike;
  /** Name and class of the layer that holds it. */
  readonly layer: string;
  readonly kind: string;
  /** Its name within the layer: `kernel`. */
  readonly part: string;
  readonly shape: readonly number[];
}

/** A nested model, as opposed to a user's layer that happens to have a field `layers`. */
export function isContainer(
  layer: ModelLayer,
): layer is ModelLayer & { readonly layers: readonly ModelLayer[] } {
  return layer.containerNodes !== undefined && Array.isArray(layer.layers);
}

/** Every layer of a model once, in model order; nested models are walked, and are not among them. */
export function layersOf(model: LayersModelLike): readonly ModelLayer[] {
  const seen = new Set<ModelLayer>();
  const walk = (layer: ModelLayer): readonly ModelLayer[] => {
    if (seen.has(layer)) return [];
    seen.add(layer);
    return isContainer(layer) ? layer.layers.flatMap(walk) : [layer];
  };
  return walk(model as unknown as ModelLayer);
}

/** Every weight once: layers in model order, the weights of each in the order they were made. */
export function weightPlaces(model: LayersModelLike): readonly WeightPlace[] {
  const seen = new Set<LayerVariableLike>();
  return layersOf(model).flatMap((layer) => {
    const own = [...(layer.trainableWeights ?? []), ...(layer.nonTrainableWeights ?? [])];
    return own
      .filter((weight) => !seen.has(weight) && seen.add(weight))
      .sort((a, b) => a.id - b.id)
      .map((variable) => ({
        variable,
        layer: layer.name,
        kind: layer.getClassName(),
        part: (variable.originalName ?? variable.name).split("/").at(-1) ?? "",
        shape: variable.shape as readonly number[],
      }));
  });
}
