/** Networks that learn to give back the picture they are given, through few numbers. */
import { type LayersModel, layers } from "@tensorflow/tfjs-layers";
import { checkOptions, isFiniteNumber } from "../run/options.js";
import { gaussianDivergence, gaussianLatent } from "./layers/latent.js";
import {
  COUNT,
  checkHalvable,
  PICTURE,
  type PictureNetworkOptions,
  pictureShape,
} from "./network-options.js";
import { Wiring, wired } from "./wiring.js";

/** Of pictures, unless given. */
const SIZE = 28;
const CHANNELS = 1;

/** Options of `autoencoder`. */
export interface AutoencoderOptions extends Omit<PictureNetworkOptions, "classes"> {
  /** Channels of the first convolution; the second has twice as many. 16 unless given. */
  readonly width?: number;
  /** How many numbers a picture becomes; 32 unless given. */
  readonly code?: number;
}

const { classes: _, ...OWN_PICTURE } = PICTURE;

/**
 * A convolutional autoencoder: [height, width, channels] to the same, of 28×28×1 unless told otherwise, values from 0
 * to 1.
 * @throws BadArgument; for a size that is no multiple of 4 too
 */
export function autoencoder(given: AutoencoderOptions = {}): LayersModel {
  checkOptions("autoencoder", given, { ...OWN_PICTURE, width: COUNT, code: COUNT });
  const { width = 16, code = 32, seed, channels = CHANNELS } = given;
  const shape = pictureShape({ ...given, channels }, SIZE);
  checkHalvable("autoencoder", shape, 4);
  const inner = [shape[0] / 4, shape[1] / 4, 2 * width] as const;
  const w = new Wiring({ seed });
  return wired(shape, (input) => {
    const half = { strides: 2, activation: "relu" } as const;
    const seen = w.convolution(w.convolution(input, width, half), 2 * width, half);
    const coded = w.dense(w.apply(layers.flatten(), seen), code);
    const spread = w.dense(coded, inner[0] * inner[1] * inner[2], "relu");
    const picture = w.apply(layers.reshape({ targetShape: [...inner] }), spread);
    return w.doubled(w.doubled(picture, width, "relu"), channels, "sigmoid");
  });
}

/** Options of `vae`. */
export interface VaeOptions extends Omit<PictureNetworkOptions, "classes"> {
  /** Of the hidden layers; 256 unless given. */
  readonly units?: number;
  /** How many numbers a picture becomes; 16 unless given. */
  readonly code?: number;
  /** How much the code is drawn to a normal distribution; 1 unless given. */
  readonly beta?: number;
}

/**
 * A variational autoencoder (Kingma and Welling 2013): [height, width, channels] to the output `decoded`, of 28×28×1
 * unless told otherwise, values from 0 to 1, and the output `divergence`, [1], whose labels are 0. Its losses are
 * `meanSquaredError` and `meanAbsoluteError`: the published sum, over the number of pixels.
 * @throws BadArgument
 */
export function vae(given: VaeOptions = {}): LayersModel {
  const beta = { is: isFiniteNumber, wanted: "a number" };
  checkOptions("vae", given, { ...OWN_PICTURE, units: COUNT, code: COUNT, beta });
  const { units = 256, code = 16, seed, channels = CHANNELS } = given;
  const shape = pictureShape({ ...given, channels }, SIZE);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const w = new Wiring({ seed });
  return wired(shape, (input) => {
    const seen = w.dense(w.apply(layers.flatten(), input), units, "relu");
    const latent = [w.dense(seen, code), w.dense(seen, code)];
    const drawn = w.apply(gaussianLatent(), latent);
    const pixels = w.dense(w.dense(drawn, units, "relu"), size, "sigmoid");
    const decoded = w.apply(layers.reshape({ targetShape: shape, name: "decoded" }), pixels);
    const weight = (given.beta ?? 1) / size;
    const divergence = gaussianDivergence({ weight, name: "divergence" });
    return [decoded, w.apply(divergence, latent)];
  });
}
