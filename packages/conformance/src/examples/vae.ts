/**
 * The variational autoencoder of fashion-mnist-vae, as one model: encoder, random layer and decoder. What that layer
 * draws is an input here, so that both sides draw alike.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";

const PIXELS = 28 * 28;
const LATENT = 2;

/** mean + e^(logVariance / 2) · epsilon */
class Latent extends layers.Layer {
  static readonly className = "Latent";

  override computeOutputShape(shapes: (number | null)[][]): (number | null)[] {
    return shapes[0] as (number | null)[];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [mean, logVariance, epsilon] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
    return tf.tidy(() => tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), epsilon)));
  }
}

/** @param hidden units of encoder and decoder; 512 in the example. Inputs `image` and `epsilon`; outputs `decoded`, `mean` and `logVariance`. */
export function variationalAutoencoder(hidden: number): LayersModel {
  const image = input({ shape: [PIXELS], name: "image" });
  const epsilon = input({ shape: [LATENT], name: "epsilon" });
  const apply = (layer: layers.Layer, to: SymbolicTensor | SymbolicTensor[]) =>
    layer.apply(to) as SymbolicTensor;
  const relu = (to: SymbolicTensor) =>
    apply(layers.dense({ units: hidden, activation: "relu" }), to);
  const encoded = relu(image);
  const mean = apply(layers.dense({ units: LATENT, name: "mean" }), encoded);
  const logVariance = apply(layers.dense({ units: LATENT, name: "logVariance" }), encoded);
  const latent = apply(new Latent({ name: "latent" }), [mean, logVariance, epsilon]);
  const last = layers.dense({ units: PIXELS, activation: "sigmoid", name: "decoded" });
  const decoded = apply(last, relu(latent));
  return model({ inputs: [image, epsilon], outputs: [decoded, mean, logVariance] });
}

/** Squared error of an image's pixels, and the divergence of the latent from a standard normal: one number. */
export function vaeLoss(
  image: tf.Tensor,
  decoded: tf.Tensor,
  mean: tf.Tensor,
  logVariance: tf.Tensor,
): tf.Scalar {
  return tf.tidy(() => {
    const reconstruction = tf.mul(tf.losses.meanSquaredError(image, decoded), PIXELS);
    const spread = tf.sub(tf.add(1, logVariance), tf.add(tf.square(mean), tf.exp(logVariance)));
    const divergence = tf.mul(-0.5, tf.sum(spread, -1));
    return tf.mean(tf.add(reconstruction, divergence)) as tf.Scalar;
  });
}
