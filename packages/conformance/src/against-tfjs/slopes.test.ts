/** Layers that stock tfjs cannot train, or trains wrong: their gradients are the slopes of the loss. */
import "@tensorflow/tfjs-backend-cpu";
import type { Device } from "@hone/core";
import { cpu } from "@hone/cpu";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rivalry } from "./test/layer-rivalries.js";
import { slopeFaults } from "./test/slope.js";

let device: Device;
beforeAll(async () => {
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());

const applied = (layer: { apply(x: SymbolicTensor): unknown }) => (x: SymbolicTensor) =>
  layer.apply(x) as SymbolicTensor;

test.each([
  ["no gradient of Greater", "thresholdedReLU", [6], () => layers.thresholdedReLU({ theta: 0.3 })],
  [
    "no gradient of Conv3DBackpropInputV2",
    "conv3dTranspose",
    [3, 3, 4, 2],
    () => layers.conv3dTranspose({ filters: 3, kernelSize: 2, strides: 2, padding: "same" }),
  ],
  [
    "its window's rows counted by its height",
    "maxPooling3d",
    [4, 5, 6, 2],
    () => layers.maxPooling3d({ poolSize: [2, 2, 3], strides: 2 } as never),
  ],
  [
    "dilation",
    "dilated conv2d",
    [7, 6, 2],
    () => layers.conv2d({ filters: 3, kernelSize: 2, dilationRate: 2 }),
  ],
  ["no gradient of Any", "masking", [5, 3], () => layers.masking({ maskValue: 0 })],
  [
    "rows of a batch beyond the first",
    "upSampling2d",
    [3, 4, 2],
    () => layers.upSampling2d({ size: [2, 3] }),
  ],
  [
    "the sum of what pools at the border count",
    "averagePooling2d same",
    [5, 5, 2],
    () => layers.averagePooling2d({ poolSize: 2, strides: 2, padding: "same" }),
  ],
] as const)("wrong in tfjs: %s (%s)", async (_why, _name, shape, layer) => {
  const made = rivalry(shape, (x) => applied(layer() as never)(x))();
  expect(await slopeFaults(device, made)).toEqual([]);
});
