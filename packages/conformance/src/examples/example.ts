/** What the trainable examples of tensorflow/tfjs-examples train: layers, shapes, losses and optimizers. */
import type { Optimizer, Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

/** Rows of the same shape and kind as the example's own data. */
export interface ExampleColumn {
  /** Of one row. */
  readonly shape: readonly number[];
  /**
   * `ink`: from 0 to 1, most of it near 0. `one-hot` along the last axis. `class-index` counts below `classes`;
   * `padded-text` is such a row with zeros from some place on.
   */
  readonly kind: "normal" | "ink" | "one-hot" | "class-index" | "padded-text" | "binary";
  readonly classes?: number;
}

export interface Example {
  /** The folder of the example, and which of its models where there are several. */
  readonly name: string;
  readonly model: () => LayersModel;
  /** In the model's order, as are the labels of its outputs. */
  readonly inputs: readonly ExampleColumn[];
  readonly labels: readonly ExampleColumn[];
  /** As `model.compile` takes it. */
  readonly optimizer: () => Optimizer | string;
  readonly loss: string | ((labels: Tensor, output: Tensor) => Tensor);
  readonly metrics?: readonly string[];
  readonly batch: number;
  /** 10 unless given; the long form of the tests takes 10 of every one. */
  readonly steps?: number;
  /** On webgpu in the short form of the tests too; the long form takes every one there. */
  readonly webgpu?: boolean;
}
