/** What the trainable examples of tensorflow/tfjs-examples train: layers, shapes, losses and optimizers. */
import type { Optimizer, Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

/** Rows of the same shape and kind as the example's own data. */
export interface ExampleColumn {
  /** Of one row. */
  readonly shape: readonly number[];
  /** `ink`: from 0 to 1, most of it near 0. `class-index` counts below `classes`. */
  readonly kind: "normal" | "ink" | "one-hot" | "class-index" | "binary";
  readonly classes?: number;
}

export interface Example {
  /** The folder of the example, and which of its models where there are several. */
  readonly name: string;
  readonly model: () => LayersModel;
  readonly input: ExampleColumn;
  readonly labels: ExampleColumn;
  /** As `model.compile` takes it. */
  readonly optimizer: () => Optimizer | string;
  readonly loss: string | ((labels: Tensor, output: Tensor) => Tensor);
  readonly metrics?: readonly string[];
  readonly batch: number;
  /** 10 unless given; the long form of the tests takes 10 of every one. */
  readonly steps?: number;
}
