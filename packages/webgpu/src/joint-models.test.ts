/** Whole models, whose launches go together as on a real GPU, beside those whose launches stand alone. */
import { adam, compile } from "@hone/core";
import "@tensorflow/tfjs-backend-cpu";
import { type LayersModel, layers, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import type { WebgpuDevice } from "./device.js";
import { numbers, openGpu } from "./test/run-call.js";

const [ROWS, STEPS, CLASSES] = [12, 6, 5];

const models: Readonly<Record<string, () => LayersModel>> = {
  "a perceptron": () =>
    sequential({
      layers: [
        layers.dense({ units: 32, activation: "relu", inputShape: [STEPS] }),
        layers.dropout({ rate: 0.2, seed: 3 }),
        layers.batchNormalization(),
        layers.dense({ units: CLASSES, activation: "softmax" }),
      ],
    }),
  "a convolutional network": () =>
    sequential({
      layers: [
        layers.reshape({ targetShape: [2, 3, 1], inputShape: [STEPS] }),
        layers.conv2d({ filters: 4, kernelSize: 2, padding: "same", activation: "relu" }),
        layers.flatten(),
        layers.dense({ units: CLASSES, activation: "softmax" }),
      ],
    }),
  "a recurrent network": () =>
    sequential({
      layers: [
        layers.reshape({ targetShape: [STEPS, 1], inputShape: [STEPS] }),
        layers.lstm({ units: 4, recurrentInitializer: "glorotNormal" }),
        layers.dense({ units: CLASSES, activation: "softmax" }),
      ],
    }),
};

/** Weights after three steps from the same ones. */
async function trained(make: () => LayersModel, device: WebgpuDevice) {
  const session = await compile(make(), {
    device,
    optimizer: adam(0.01),
    loss: "sparseCategoricalCrossentropy",
    seed: 7,
  });
  const before = await session.weights();
  await session.setWeights(before.map(({ shape }, index) => numbers(shape, index + 1)));
  const x = numbers([ROWS, STEPS], 9);
  const y = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);
  for (let step = 0; step < 3; step++) await session.trainOnBatch(x, y);
  const weights = await session.weights();
  session.close();
  return weights.map(({ values }) => values);
}

test.each(Object.entries(models))("%s trains to the same bits", async (_, make) => {
  const [joint, apart] = (await Promise.all(
    [true, false].map((joint) => openGpu({ cooperative: false, joint })),
  )) as [WebgpuDevice, WebgpuDevice];
  const [found, expected] = [await trained(make, joint), await trained(make, apart)];
  await Promise.all([joint.close(), apart.close()]);
  expect(expected.flatMap((values) => [...values]).every(Number.isFinite)).toBe(true);
  expect(found).toEqual(expected);
});
