/**
 * The example that finds an object in a picture: a MobileNet with a head of its own, in two phases. The network here
 * is shorter and its pictures smaller, since stock tfjs trains two of the example's in a minute.
 */
import { losses, mul, type Tensor, tensor1d, train } from "@tensorflow/tfjs-core";
import {
  model as functional,
  input,
  type LayersModel,
  layers,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import type { Example } from "./example.js";

const SIZE = 32;

/** Depthwise, then pointwise, both normalised, with MobileNet's own padding at strides of 2. */
function block(filters: number, strides: 1 | 2) {
  const padding = strides === 1 ? ("same" as const) : ("valid" as const);
  const after = [
    [0, 1],
    [0, 1],
  ] as [[number, number], [number, number]];
  return [
    ...(strides === 1 ? [] : [layers.zeroPadding2d({ padding: after })]),
    layers.depthwiseConv2d({ kernelSize: 3, strides, padding, useBias: false }),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
    layers.conv2d({ filters, kernelSize: 1, padding: "same", useBias: false }),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
  ];
}

/** @param frozen how many of the network's layers do not train */
function detector(frozen: (count: number) => number): LayersModel {
  const image = input({ shape: [SIZE, SIZE, 3] });
  const first = { filters: 8, kernelSize: 3, strides: 2, padding: "same", useBias: false } as const;
  const front = [
    layers.conv2d(first),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
    ...block(16, 1),
    ...block(32, 2),
    ...block(32, 1),
  ];
  for (const layer of front.slice(0, frozen(front.length))) layer.trainable = false;
  const head = [
    layers.flatten(),
    layers.dense({ units: 200, activation: "relu" }),
    layers.dense({ units: 5 }),
  ];
  const end = [...front, ...head].reduce<SymbolicTensor>(
    (x, layer) => layer.apply(x) as SymbolicTensor,
    image,
  );
  return functional({ inputs: image, outputs: end });
}

/** What the object is weighs as much as the picture is wide, as its box's corners do. */
function loss(labels: Tensor, output: Tensor): Tensor {
  return losses.meanSquaredError(mul(labels, tensor1d([SIZE, 1, 1, 1, 1])), output);
}

const shared = {
  input: { shape: [SIZE, SIZE, 3], kind: "normal" },
  labels: { shape: [5], kind: "binary" },
  loss,
  batch: 4,
} as const;

export const detectionExamples: readonly Example[] = [
  {
    ...shared,
    name: "simple-object-detection, its head",
    model: () => detector((count) => count),
    optimizer: () => train.rmsprop(5e-3),
  },
  {
    ...shared,
    name: "simple-object-detection, fine-tuned",
    model: () => detector((count) => count - 7),
    optimizer: () => train.rmsprop(2e-3),
    steps: 2,
  },
];
