/**
 * Layers one on another, and where their weights come from.
 *
 * Weights are drawn from the seed alone, on whichever tfjs backend is current or on none: the same seed gives the
 * same weights everywhere.
 */
import { engine } from "@tensorflow/tfjs-core";
import {
  initializers,
  type LayersModel,
  layers,
  type Sequential,
  sequential,
} from "@tensorflow/tfjs-layers";
import { HoneError } from "../errors.js";
import { withTensors } from "../trace/host-tensors.js";
import { valueText } from "../value-text.js";

export interface ModelOptions {
  /** A whole number from 0; 0 unless given. */
  readonly seed?: number;
  /** How many classes the model tells apart, at least 2; 10 unless given. */
  readonly classes?: number;
}

type Layer = Parameters<Sequential["add"]>[0];

/** Seeds of one model's layers are this far from the next model's. */
const SEEDS_PER_MODEL = 1000;

/** Builds a sequential model layer by layer. @throws BadArgument for a bad seed or number of classes */
export class Stack {
  readonly #layers: Layer[] = [];
  readonly #seed: number;
  readonly #classes: number;
  #drawn = 0;

  constructor({ seed = 0, classes = 10 }: ModelOptions) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new HoneError(
        "BadArgument",
        "model seed",
        `it is ${valueText(seed)}. Give a whole number from 0.`,
      );
    }
    if (!Number.isSafeInteger(classes) || classes < 2) {
      throw new HoneError(
        "BadArgument",
        "model classes",
        `they are ${valueText(classes)}. Give a whole number from 2.`,
      );
    }
    this.#seed = seed;
    this.#classes = classes;
  }

  #kernelInitializer() {
    this.#drawn++;
    return initializers.glorotUniform({ seed: this.#seed * SEEDS_PER_MODEL + this.#drawn });
  }

  convolution(filters: number, kernelSize: number, inputShape?: number[]): this {
    return this.#add(
      layers.conv2d({
        filters,
        kernelSize,
        activation: "relu",
        kernelInitializer: this.#kernelInitializer(),
        ...(inputShape ? { inputShape } : {}),
      }),
    );
  }

  /**
   * A convolution to the same size, batch normalisation, relu; and a pool in between when `pooled`.
   * The pool stands before the normalisation, which then has a quarter of the work: where a channel's
   * factor is positive, as it starts out, the greatest stays the greatest.
   */
  normalized(
    filters: number,
    { pooled = false, inputShape }: { pooled?: boolean; inputShape?: number[] } = {},
  ): this {
    this.#add(
      layers.conv2d({
        filters,
        kernelSize: 3,
        padding: "same",
        // The normalisation would take any bias away again.
        useBias: false,
        kernelInitializer: this.#kernelInitializer(),
        ...(inputShape ? { inputShape } : {}),
      }),
    );
    if (pooled) this.pool();
    return this.#add(layers.batchNormalization({ momentum: 0.9 })).#add(
      layers.activation({ activation: "relu" }),
    );
  }

  /** The mean of each channel over rows and columns. */
  averageOverImage(): this {
    return this.#add(layers.globalAveragePooling2d({}));
  }

  /** Cuts off this many pixels on each side. */
  crop(pixels: number, inputShape?: number[]): this {
    return this.#add(
      layers.cropping2D({ cropping: pixels, ...(inputShape ? { inputShape } : {}) }),
    );
  }

  pool(): this {
    return this.#add(layers.maxPooling2d({ poolSize: 2 }));
  }

  flatten(inputShape?: number[]): this {
    return this.#add(layers.flatten(inputShape ? { inputShape } : {}));
  }

  /** None at a rate of 0. */
  dropout(rate: number): this {
    return rate === 0 ? this : this.#add(layers.dropout({ rate }));
  }

  dense(units: number, activation: "relu" | "softmax" = "relu"): this {
    const kernelInitializer = this.#kernelInitializer();
    return this.#add(layers.dense({ units, activation, kernelInitializer }));
  }

  /** A probability for each class. */
  classifier(): this {
    return this.dense(this.#classes, "softmax");
  }

  model(): LayersModel {
    return withTensors(engine(), () => sequential({ layers: [...this.#layers] }));
  }

  #add(layer: Layer): this {
    this.#layers.push(layer);
    return this;
  }
}
