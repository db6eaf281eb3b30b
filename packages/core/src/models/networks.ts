/**
 * The networks of the zoo, as tf.LayersModels.
 *
 * Weights are drawn from the seed alone, on whichever tfjs backend is current: the same seed gives the same
 * weights everywhere.
 */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { findBackend, registerBackend } from "@tensorflow/tfjs-core";
import {
  initializers,
  type LayersModel,
  layers,
  type Sequential,
  sequential,
} from "@tensorflow/tfjs-layers";
import { HoneError } from "../errors.js";

export interface ModelOptions {
  /** A whole number from 0; 0 unless given. */
  readonly seed?: number;
}

type Layer = Parameters<Sequential["add"]>[0];

/** Seeds of one model's layers are this far from the next model's. */
const SEEDS_PER_MODEL = 1000;

/**
 * Weights need some tfjs backend to be drawn on. Named, not merely imported: the package calls itself free of
 * side effects, so bundlers drop a bare import, and the registration with it.
 */
function needBackend(): void {
  if (findBackend("cpu") === null) registerBackend("cpu", () => new MathBackendCPU(), 1);
}

class Stack {
  readonly #layers: Layer[] = [];
  readonly #seed: number;
  #drawn = 0;

  constructor({ seed = 0 }: ModelOptions) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new HoneError(
        "BadArgument",
        "model seed",
        `it is ${seed}. Give a whole number from 0.`,
      );
    }
    this.#seed = seed;
    needBackend();
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

  pool(): this {
    return this.#add(layers.maxPooling2d({ poolSize: 2 }));
  }

  flatten(inputShape?: number[]): this {
    return this.#add(layers.flatten(inputShape ? { inputShape } : {}));
  }

  dropout(rate: number): this {
    return this.#add(layers.dropout({ rate }));
  }

  dense(units: number, activation: "relu" | "softmax" = "relu"): this {
    const kernelInitializer = this.#kernelInitializer();
    return this.#add(layers.dense({ units, activation, kernelInitializer }));
  }

  model(): LayersModel {
    return sequential({ layers: [...this.#layers] });
  }

  #add(layer: Layer): this {
    this.#layers.push(layer);
    return this;
  }
}

const IMAGE = [28, 28];
const CLASSES = 10;

/** Two convolutions with pooling, two dense layers: [28, 28, 1] to 10 classes, 113,386 parameters. */
export function cnn(options: ModelOptions = {}): LayersModel {
  return new Stack(options)
    .convolution(32, 3, [...IMAGE, 1])
    .pool()
    .convolution(32, 3)
    .pool()
    .flatten()
    .dense(128)
    .dense(CLASSES, "softmax")
    .model();
}

/** The CNN with 64 filters, 5×5 kernels and dropout: [28, 28, 1] to 10 classes. */
export function cnnTuned(options: ModelOptions = {}): LayersModel {
  return new Stack(options)
    .convolution(64, 5, [...IMAGE, 1])
    .pool()
    .dropout(0.5)
    .convolution(64, 5)
    .pool()
    .dropout(0.5)
    .flatten()
    .dense(128)
    .dropout(0.5)
    .dense(CLASSES, "softmax")
    .model();
}

/** Three dense layers with dropout: [28, 28] to 10 classes, 109,386 parameters. */
export function mlp(options: ModelOptions = {}): LayersModel {
  return new Stack(options)
    .flatten([...IMAGE])
    .dense(128)
    .dropout(0.5)
    .dense(64)
    .dense(CLASSES, "softmax")
    .model();
}

/** Three wider dense layers with less dropout: [28, 28] to 10 classes. */
export function mlpTuned(options: ModelOptions = {}): LayersModel {
  return new Stack(options)
    .flatten([...IMAGE])
    .dense(256)
    .dropout(0.3)
    .dense(128)
    .dense(CLASSES, "softmax")
    .model();
}
