/** Layers one on another. */
import { engine } from "@tensorflow/tfjs-core";
import { type LayersModel, layers, type Sequential, sequential } from "@tensorflow/tfjs-layers";
import { withTensors } from "../trace/host-tensors.js";
import type { ModelOptions } from "./network-options.js";
import { checkClasses, Seeds } from "./seeds.js";

type Layer = Parameters<Sequential["add"]>[0];

/** Builds a sequential model layer by layer. @throws BadArgument for a bad seed or number of classes */
export class Stack {
  readonly #layers: Layer[] = [];
  readonly #seeds: Seeds;
  readonly #classes: number;

  constructor({ seed = 0, classes = 10 }: ModelOptions) {
    this.#seeds = new Seeds(seed);
    checkClasses(classes);
    this.#classes = classes;
  }

  convolution(filters: number, kernelSize: number, inputShape?: number[]): this {
    return this.#add(
      layers.conv2d({
        filters,
        kernelSize,
        activation: "relu",
        kernelInitializer: this.#seeds.glorot(),
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
        kernelInitializer: this.#seeds.glorot(),
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
    const kernelInitializer = this.#seeds.glorot();
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
