/**
 * The examples over images of 28 x 28. Dropout layers keep nothing back: the masks of tfjs are its own. Batches are
 * smaller than the examples', since stock tfjs takes a second for two images of the larger networks.
 */
import { losses, type Tensor, train } from "@tensorflow/tfjs-core";
import { type LayersModel, layers, sequential } from "@tensorflow/tfjs-layers";
import type { Example, ExampleColumn } from "./example.js";

const images: ExampleColumn = { shape: [28, 28, 1], kind: "ink" };
const classes = (count: number): ExampleColumn => ({ shape: [count], kind: "one-hot" });
const first = { inputShape: [28, 28, 1] };

const convolution = (filters: number, more = {}) =>
  layers.conv2d({ filters, kernelSize: 3, activation: "relu", ...more });
const pool = () => layers.maxPooling2d({ poolSize: 2, strides: 2 });
const nothingDropped = () => layers.dropout({ rate: 0 });
const relu = (units: number) => layers.dense({ units, activation: "relu" });
const softmax = (units: number) => layers.dense({ units, activation: "softmax" });

function mnist(): LayersModel {
  return sequential({
    layers: [
      convolution(16, first),
      pool(),
      convolution(32),
      pool(),
      convolution(32),
      layers.flatten(),
      relu(64),
      softmax(10),
    ],
  });
}

function mnistNode(): LayersModel {
  return sequential({
    layers: [
      convolution(32, first),
      convolution(32),
      pool(),
      convolution(64),
      convolution(64),
      pool(),
      layers.flatten(),
      nothingDropped(),
      relu(512),
      nothingDropped(),
      softmax(10),
    ],
  });
}

/** Written with tf.conv2d and tf.matMul there. */
function mnistCore(): LayersModel {
  const wide = { kernelSize: 5, padding: "same", useBias: false };
  return sequential({
    layers: [
      convolution(8, { ...first, ...wide }),
      pool(),
      convolution(16, wide),
      pool(),
      layers.flatten(),
      layers.dense({ units: 10 }),
    ],
  });
}

/** Five digits are told apart by what was learned from the other five. */
function transfer(tuned: boolean): LayersModel {
  const features = [
    convolution(32, first),
    convolution(32),
    pool(),
    nothingDropped(),
    layers.flatten(),
  ];
  for (const layer of features) layer.trainable = tuned;
  return sequential({ layers: [...features, relu(128), nothingDropped(), softmax(5)] });
}

const classifying = { inputs: [images], loss: "categoricalCrossentropy", metrics: ["accuracy"] };

export const imageExamples: readonly Example[] = [
  {
    ...classifying,
    name: "mnist, convolutions",
    model: mnist,
    labels: [classes(10)],
    optimizer: () => "rmsprop",
    batch: 2,
  },
  {
    ...classifying,
    name: "mnist, dense",
    model: () =>
      sequential({
        layers: [
          layers.flatten(first),
          layers.dense({ units: 42, activation: "relu" }),
          softmax(10),
        ],
      }),
    labels: [classes(10)],
    optimizer: () => "rmsprop",
    batch: 32,
  },
  {
    ...classifying,
    name: "mnist-node",
    model: mnistNode,
    labels: [classes(10)],
    optimizer: () => "rmsprop",
    batch: 1,
    steps: 2,
  },
  {
    name: "mnist-core",
    model: mnistCore,
    inputs: [images],
    labels: [classes(10)],
    optimizer: () => train.sgd(0.1),
    loss: (labels: Tensor, output: Tensor) => losses.softmaxCrossEntropy(labels, output),
    batch: 2,
  },
  {
    ...classifying,
    name: "mnist-transfer-cnn, frozen",
    model: () => transfer(false),
    labels: [classes(5)],
    optimizer: () => "adam",
    batch: 2,
  },
  {
    ...classifying,
    name: "mnist-transfer-cnn, tuned",
    model: () => transfer(true),
    labels: [classes(5)],
    optimizer: () => "adam",
    batch: 1,
    steps: 2,
  },
  {
    ...classifying,
    name: "quantization, fashion-mnist",
    model: () =>
      sequential({
        layers: [
          convolution(32, first),
          pool(),
          layers.flatten(),
          nothingDropped(),
          relu(128),
          softmax(10),
        ],
      }),
    labels: [classes(10)],
    optimizer: () => "adam",
    batch: 2,
  },
];
