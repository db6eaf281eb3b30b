/** Depthwise and separable convolutions, and the blocks of MobileNet, beside stock tfjs. */
import type { Device } from "@hone/core";
import { RandomStream, sizeOf } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { train } from "@tensorflow/tfjs-core";
import {
  model as functional,
  input,
  type LayersModel,
  layers,
  type SymbolicTensor,
  sequential,
} from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portNames, type Rivalry, stepFaults, type Values } from "./test/harness.js";
import { drawWeights } from "./test/models.js";

const ROWS = 25;

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 2 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

function drawn(shape: readonly number[], seed: number): Values {
  const random = new RandomStream(seed, 0xd3);
  const data = Float32Array.from({ length: ROWS * sizeOf(shape) }, () => random.nextNormal());
  return { shape, data };
}

/** Trains every layer of the model, which gives one image or row. */
function rivalryOf(model: LayersModel): Rivalry {
  drawWeights(model, 23, 0.2);
  const { inputs, outputs } = portNames(model);
  const rowOf = ({ shape }: SymbolicTensor) => shape.slice(1) as number[];
  return {
    model,
    rows: ROWS,
    x: { [inputs[0] as string]: drawn(rowOf(model.inputs[0] as SymbolicTensor), 1) },
    y: { [outputs[0] as string]: drawn(rowOf(model.outputs[0] as SymbolicTensor), 2) },
    tfjs: { optimizer: train.sgd(0.05), loss: "meanSquaredError" },
  };
}

const alone = (layer: Parameters<ReturnType<typeof sequential>["add"]>[0]) =>
  sequential({ layers: [layer] });

const SETTINGS = [
  { strides: 1, padding: "same", depthMultiplier: 1 },
  { strides: 1, padding: "valid", depthMultiplier: 2 },
  { strides: 2, padding: "same", depthMultiplier: 1 },
  { strides: 2, padding: "same", depthMultiplier: 3 },
] as const;

describe.each(SETTINGS)("20 steps with %o are tfjs's", (setting) => {
  test("of DepthwiseConv2D", async () => {
    const layer = layers.depthwiseConv2d({ ...setting, kernelSize: 3, inputShape: [9, 10, 5] });
    expect(await stepFaults(devices, rivalryOf(alone(layer)))).toEqual([]);
  });

  test("of SeparableConv2D", async () => {
    const options = { ...setting, kernelSize: 3, inputShape: [9, 10, 5], filters: 6 };
    const layer = layers.separableConv2d({ ...options, activation: "relu" });
    expect(await stepFaults(devices, rivalryOf(alone(layer)))).toEqual([]);
  });
});

type Layer = { apply(x: SymbolicTensor): unknown };

function through(x: SymbolicTensor, ...steps: readonly Layer[]): SymbolicTensor {
  return steps.reduce((at, step) => step.apply(at) as SymbolicTensor, x);
}

const normalised = () => [layers.batchNormalization(), layers.reLU({ maxValue: 6 })];
const pointwise = (filters: number) =>
  layers.conv2d({ filters, kernelSize: 1, padding: "same", useBias: false });
const depthwise = (strides: 1 | 2) =>
  layers.depthwiseConv2d({
    kernelSize: 3,
    strides,
    useBias: false,
    padding: strides === 1 ? "same" : "valid",
  });

/** MobileNet's front and two of its blocks; at strides of 2 it pads below and beside by itself. */
function mobileNetV1(): LayersModel {
  const image = input({ shape: [16, 16, 3] });
  const end = through(
    image,
    layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: "same", useBias: false }),
    ...normalised(),
    depthwise(1),
    ...normalised(),
    pointwise(16),
    ...normalised(),
    layers.zeroPadding2d({
      padding: [
        [0, 1],
        [0, 1],
      ],
    }),
    depthwise(2),
    ...normalised(),
    pointwise(24),
    ...normalised(),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 3 }),
  );
  return functional({ inputs: image, outputs: end });
}

/** An inverted residual block. */
function mobileNetV2(): LayersModel {
  const image = input({ shape: [9, 8, 6] });
  const block = [pointwise(20), ...normalised(), depthwise(1), ...normalised(), pointwise(6)];
  const inner = through(image, ...block, layers.batchNormalization());
  const sum = layers.add().apply([image, inner]) as SymbolicTensor;
  const end = through(sum, layers.globalAveragePooling2d({}), layers.dense({ units: 3 }));
  return functional({ inputs: image, outputs: end });
}

test("a step of MobileNet's first version is tfjs's", async () => {
  expect(await stepFaults(devices, rivalryOf(mobileNetV1()), { steps: 1 })).toEqual([]);
});

test("a step of an inverted residual block of its second is tfjs's", async () => {
  expect(await stepFaults(devices, rivalryOf(mobileNetV2()), { steps: 1 })).toEqual([]);
});
