/** The two layers that make an autoencoder variational (Kingma and Welling 2013). */
import { add, exp, mul, square, sub, sum, type Tensor, tidy } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { isFiniteNumber } from "../../options.js";
import { randomNormal } from "../../trace/random.js";
import { type CallArguments, type Extents, type Inputs, PlainLayer } from "./layer.js";
import { checkLayerOptions } from "./layer-options.js";

type Shapes = Parameters<layers.Layer["build"]>[0];
const first = (shapes: Shapes) => (shapes as Extents[])[0] as Extents;

/** Options of `gaussianLatent`. */
export interface GaussianLatentOptions {
  readonly name?: string;
}

class GaussianLatent extends PlainLayer {
  static readonly className = "HoneGaussianLatent";

  constructor(given: GaussianLatentOptions = {}) {
    super(given);
    checkLayerOptions("gaussianLatent", given, {});
  }

  override computeOutputShape(shapes: Shapes): Shapes {
    return first(shapes);
  }

  override call(inputs: Inputs, { training = false }: CallArguments = {}): Tensor {
    return tidy(() => {
      const [mean, logVariance] = inputs as [Tensor, Tensor];
      if (!training) return add(mean, 0);
      const deviation = exp(mul(0.5, logVariance));
      return add(mean, mul(deviation, randomNormal(mean.shape)));
    });
  }

  protected override options(): object {
    return {};
  }
}

/** Options of `gaussianDivergence`. */
export interface GaussianDivergenceOptions {
  readonly name?: string;
  /** What the divergence is multiplied by; 1 unless given. */
  readonly weight?: number;
}

class GaussianDivergence extends PlainLayer {
  static readonly className = "HoneGaussianDivergence";
  readonly #weight: number;

  constructor(given: GaussianDivergenceOptions = {}) {
    super(given);
    const weight = { is: isFiniteNumber, wanted: "a number" };
    checkLayerOptions("gaussianDivergence", given, { weight });
    this.#weight = given.weight ?? 1;
  }

  override computeOutputShape(shapes: Shapes): Shapes {
    return [first(shapes)[0] as number, 1];
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const [mean, logVariance] = inputs as [Tensor, Tensor];
      const spread = sub(add(1, logVariance), add(square(mean), exp(logVariance)));
      return mul(sum(spread, -1, true), -0.5 * this.#weight);
    });
  }

  protected override options(): object {
    return { weight: this.#weight };
  }
}

/**
 * A draw from the normal distribution of `[mean, logVariance]`, each [B, width], while the model trains; elsewhere its
 * mean, so that predictions of a row are always the same.
 */
export function gaussianLatent(options: GaussianLatentOptions = {}): layers.Layer {
  return new GaussianLatent(options);
}

/**
 * How far the normal distributions of `[mean, logVariance]`, each [B, width], are from the standard one: their
 * Kullback-Leibler divergence, [B, 1], never below 0. As an output with the loss `meanAbsoluteError` and labels of 0 it
 * is a term of the model's loss, also in tfjs.
 */
export function gaussianDivergence(options: GaussianDivergenceOptions = {}): layers.Layer {
  return new GaussianDivergence(options);
}

export const LATENT = [GaussianLatent, GaussianDivergence];
