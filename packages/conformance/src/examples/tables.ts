/** The examples over tables of numbers. */
import { train } from "@tensorflow/tfjs-core";
import { type LayersModel, layers, sequential } from "@tensorflow/tfjs-layers";
import type { Example, ExampleColumn } from "./example.js";

type Activation = "relu" | "sigmoid" | "softmax" | "linear";

/** Dense layers one after another. */
function dense(
  features: number,
  ...widths: readonly (readonly [number, Activation])[]
): LayersModel {
  return sequential({
    layers: widths.map(([units, activation], at) =>
      layers.dense({ units, activation, ...(at === 0 && { inputShape: [features] }) }),
    ),
  });
}

const numbers = (count: number): ExampleColumn => ({ shape: [count], kind: "normal" });
const oneHot = (count: number): ExampleColumn => ({ shape: [count], kind: "one-hot" });

const iris: Omit<Example, "name" | "batch"> = {
  model: () => dense(4, [10, "sigmoid"], [3, "softmax"]),
  inputs: [numbers(4)],
  labels: [oneHot(3)],
  optimizer: () => train.adam(0.01),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
};

const housing: Omit<Example, "name" | "model"> = {
  inputs: [numbers(12)],
  labels: [numbers(1)],
  optimizer: () => train.sgd(0.01),
  loss: "meanSquaredError",
  batch: 40,
};

const curve: Omit<Example, "name" | "optimizer"> = {
  model: () => dense(3, [1, "linear"]),
  inputs: [numbers(3)],
  labels: [numbers(1)],
  loss: "meanSquaredError",
  batch: 50,
};

export const tableExamples: readonly Example[] = [
  { ...iris, name: "iris", batch: 32 },
  { ...iris, name: "iris-fitDataset", batch: 16 },
  { ...housing, name: "boston-housing, linear", model: () => dense(12, [1, "linear"]) },
  {
    ...housing,
    name: "boston-housing, one hidden layer",
    model: () => dense(12, [50, "sigmoid"], [1, "linear"]),
  },
  {
    ...housing,
    name: "boston-housing, two hidden layers",
    model: () => dense(12, [50, "sigmoid"], [50, "sigmoid"], [1, "linear"]),
  },
  {
    name: "abalone-node",
    model: () => dense(8, [50, "sigmoid"], [50, "sigmoid"], [1, "linear"]),
    inputs: [numbers(8)],
    labels: [numbers(1)],
    optimizer: () => train.sgd(0.01),
    loss: "meanSquaredError",
    batch: 100,
  },
  {
    name: "baseball-node, pitch type",
    model: () => dense(8, [250, "relu"], [175, "relu"], [150, "relu"], [7, "softmax"]),
    inputs: [numbers(8)],
    labels: [{ shape: [], kind: "class-index", classes: 7 }],
    optimizer: () => train.adam(),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
    batch: 100,
  },
  {
    name: "baseball-node, strike zone",
    model: () => dense(5, [20, "relu"], [10, "relu"], [2, "softmax"]),
    inputs: [numbers(5)],
    labels: [{ shape: [], kind: "class-index", classes: 2 }],
    optimizer: () => train.adam(),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
    batch: 50,
  },
  {
    name: "data-generator",
    model: () => dense(27, [10, "relu"], [10, "relu"], [1, "sigmoid"]),
    inputs: [{ shape: [27], kind: "binary" }],
    labels: [{ shape: [1], kind: "binary" }],
    optimizer: () => "rmsprop",
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
    batch: 50,
  },
  { ...curve, name: "polynomial-regression", optimizer: () => train.sgd(0.1) },
  { ...curve, name: "polynomial-regression-core", optimizer: () => train.sgd(0.05) },
  {
    name: "getting-started",
    model: () => dense(1, [1, "linear"]),
    inputs: [numbers(1)],
    labels: [numbers(1)],
    optimizer: () => "sgd",
    loss: "meanSquaredError",
    batch: 4,
  },
  {
    name: "website-phishing",
    model: () => dense(30, [100, "sigmoid"], [100, "sigmoid"], [1, "sigmoid"]),
    inputs: [numbers(30)],
    labels: [{ shape: [1], kind: "binary" }],
    optimizer: () => "adam",
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
    batch: 350,
  },
  {
    name: "quantization, housing",
    model: () => dense(13, [50, "relu"], [50, "relu"], [1, "linear"]),
    inputs: [numbers(13)],
    labels: [numbers(1)],
    optimizer: () => "adam",
    loss: "meanSquaredError",
    batch: 40,
  },
  {
    name: "intent-classifier, dense",
    model: () =>
      sequential({
        layers: [
          layers.globalAveragePooling1d({ inputShape: [12, 512] } as object),
          layers.dense({ units: 8, activation: "softmax" }),
        ],
      }),
    inputs: [{ shape: [12, 512], kind: "normal" }],
    labels: [oneHot(8)],
    optimizer: () => "adam",
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
    batch: 32,
  },
];
