/**
 * The hidden model of a tf.Sequential. Its `build` makes a tf.LayersModel of the layers, and that is what
 * `fit` and `predict` run; where a nested model stands first, its layers are listed there themselves.
 */
import { HoneError } from "../errors.js";
import type { LayersModelLike, LayerVariableLike, TensorLike } from "./tfjs-types.js";

/** The model whose `fit` runs. */
export function trainedModel(model: LayersModelLike): LayersModelLike {
  return (model as { readonly model?: LayersModelLike | null }).model ?? model;
}

/** The penalties that `fit` adds to the loss, computed anew. A Sequential's own `calculateLosses` leaves some out. */
export function lossesOf(model: LayersModelLike): readonly TensorLike[] {
  return trainedModel(model).calculateLosses();
}

/** Builds a Sequential, which in tfjs sets `trainable` of its weights, and puts that back. */
export function buildAsIs(model: LayersModelLike): void {
  const flags = model.weights.map((weight) => {
    const flagged = weight as LayerVariableLike & { trainable?: boolean };
    return [flagged, flagged.trainable] as const;
  });
  model.build();
  for (const [weight, trainable] of flags) {
    if (trainable !== undefined) weight.trainable = trainable;
  }
}

/** @throws UnsupportedModel for a Sequential whose layers are no longer those that tfjs would run */
export function checkWired(model: LayersModelLike): void {
  if (trainedModel(model).outputs[0] === model.outputs[0]) return;
  const what =
    "its layers are others than when it was built, as after pop(). Call model.build() before compiling.";
  throw new HoneError("UnsupportedModel", `model "${model.name}"`, what);
}
