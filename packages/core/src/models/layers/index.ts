/** Layers that tfjs-layers lacks, as tf.layers.Layers: they train in tfjs too, and are saved with a model. */
import { serialization } from "@tensorflow/tfjs-core";
import { ATTENTION } from "./attention.js";
import { fixedClasses } from "./fixed-batch-normalization.js";
import { LATENT } from "./latent.js";
import { NORMALIZATION } from "./normalization.js";
import { NORMALIZATIONS } from "./normalizations.js";
import { POSITIONAL } from "./positional-embedding.js";

export { type MultiHeadAttentionOptions, multiHeadAttention } from "./attention.js";
export { fixedBatchNormalization } from "./fixed-batch-normalization.js";
export {
  type GaussianDivergenceOptions,
  type GaussianLatentOptions,
  gaussianDivergence,
  gaussianLatent,
} from "./latent.js";
export { type AdaptableLayer, type NormalizationOptions, normalization } from "./normalization.js";
export {
  type GroupNormalizationOptions,
  groupNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
  type RmsNormOptions,
  rmsNorm,
} from "./normalizations.js";
export { type PositionalEmbeddingOptions, positionalEmbedding } from "./positional-embedding.js";

/**
 * Lets tfjs read saved models with these layers: call it once before `tf.loadLayersModel`, or Hone's `loadModel`. Their
 * names in a `model.json` begin with `Hone`, so that none of them is taken for a layer of tfjs or of Keras.
 */
export function registerLayers(): void {
  const classes = [ATTENTION, LATENT, NORMALIZATION, NORMALIZATIONS, POSITIONAL].flat();
  for (const layer of [...classes, ...fixedClasses()]) serialization.registerClass(layer as never);
}
