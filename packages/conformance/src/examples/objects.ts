/**
 * The examples over features and pictures of a MobileNet: its first blocks, narrow and on pictures of 32 x 32, since
 * stock tfjs takes seconds for a step of the examples' own 224 x 224.
 */
import { mul, type Tensor, tensor1d, tidy, train } from "@tensorflow/tfjs-core";
import { type LayersModel, layers, metrics, sequential } from "@tensorflow/tfjs-layers";
import type { Example } from "./example.js";

const SIDE = 32;

const normalized = (convolution: ReturnType<typeof layers.conv2d>) => [
  convolution,
  layers.batchNormalization(),
  layers.reLU({ maxValue: 6 }),
];
const plain = { padding: "same", useBias: false } as const;
const block = (filters: number, strides: number) => [
  ...normalized(layers.depthwiseConv2d({ kernelSize: 3, strides, ...plain }) as never),
  ...normalized(layers.conv2d({ filters, kernelSize: 1, ...plain })),
];

/** Frozen but for the pointwise layers of the last block, when it is tuned; batch statistics are those of training. */
function detector(tuned: boolean): LayersModel {
  const first = { filters: 8, kernelSize: 3, strides: 2, inputShape: [SIDE, SIDE, 3] };
  const front = [
    ...normalized(layers.conv2d({ ...first, ...plain })),
    ...block(12, 2),
    ...block(16, 2),
  ];
  for (const [at, layer] of front.entries()) layer.trainable = tuned && at >= front.length - 3;
  return sequential({
    layers: [
      ...front,
      layers.flatten(),
      layers.dense({ units: 50, activation: "relu" }),
      layers.dense({ units: 5 }),
    ],
  });
}

/** What is drawn counts as much as where. */
function detectorLoss(labels: Tensor, output: Tensor): Tensor {
  return tidy(() =>
    metrics.meanSquaredError(mul(labels, tensor1d([SIDE, 1, 1, 1, 1])), output),
  ) as Tensor;
}

const detection = (name: string, tuned: boolean, rate: number): Example => ({
  name: `simple-object-detection, ${name}`,
  model: () => detector(tuned),
  inputs: [{ shape: [SIDE, SIDE, 3], kind: "ink" }],
  labels: [{ shape: [5], kind: "binary" }],
  optimizer: () => train.rmsprop(rate),
  loss: detectorLoss,
  batch: 4,
});

export const objectExamples: readonly Example[] = [
  detection("head", false, 5e-3),
  { ...detection("fine-tuned", true, 2e-3), webgpu: true },
  {
    name: "webcam-transfer-learning",
    model: () =>
      sequential({
        layers: [
          layers.flatten({ inputShape: [7, 7, 32] }),
          layers.dense({ units: 100, activation: "relu" }),
          layers.dense({ units: 4, useBias: false, activation: "softmax" }),
        ],
      }),
    inputs: [{ shape: [7, 7, 32], kind: "ink" }],
    labels: [{ shape: [4], kind: "one-hot" }],
    optimizer: () => train.adam(1e-4),
    loss: "categoricalCrossentropy",
    batch: 8,
  },
];
