/** Every metric by name and as a function, in History's names and values, beside stock tfjs. */
import type { Device } from "@hone/core";
import type { LossName } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { abs, max, sub, type Tensor, train } from "@tensorflow/tfjs-core";
import { metrics } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FitRivalry, fitFaults } from "./test/harness.js";
import { featureRows, labelRows, type OutputLayer, smallNetwork } from "./test/models.js";

/** Rows of training and validation fill whole batches or not; 7 rows of each batch of 8 are left at the ends. */
const ROWS = 39;
const VALIDATION = 15;

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

type Metric = string | ((labels: Tensor, output: Tensor) => Tensor);

function rivalry(loss: LossName, layer: OutputLayer, chosen: readonly Metric[]): FitRivalry {
  return {
    model: smallNetwork({ out: layer }),
    rows: ROWS,
    x: featureRows(ROWS),
    y: { out: labelRows(loss, ROWS, layer.units) },
    tfjs: { optimizer: train.sgd(0.1), loss, metrics: [...chosen] },
    epochs: 3,
    validationRows: VALIDATION,
  };
}

const softmax = { units: 3, activation: "softmax" } as const;
const sigmoid = { units: 1, activation: "sigmoid" } as const;
const linear = { units: 2, activation: "linear" } as const;

function largestError(labels: Tensor, output: Tensor): Tensor {
  return max(abs(sub(labels, output)), -1);
}

describe.each<[LossName, OutputLayer, readonly Metric[]]>([
  [
    "categoricalCrossentropy",
    softmax,
    [
      "accuracy",
      "acc",
      "crossentropy",
      "ce",
      "categoricalAccuracy",
      "categoricalCrossentropy",
      "binaryAccuracy",
      "mse",
      "MSE",
      "mae",
      "MAE",
      "cosine",
    ],
  ],
  [
    "sparseCategoricalCrossentropy",
    softmax,
    ["accuracy", "crossentropy", "sparseCategoricalCrossentropy"],
  ],
  ["binaryCrossentropy", sigmoid, ["accuracy", "crossentropy", "binaryAccuracy", "mse", "mae"]],
  ["binaryCrossentropy", { units: 3, activation: "sigmoid" }, ["accuracy", "ce"]],
  ["meanSquaredError", linear, ["mse", "MSE", "mae", "MAE", "mape", "MAPE", "cosine", "acc"]],
])("a model trained towards %s", (loss, layer, names) => {
  test.each(names.map((name) => [name]))(`of ${layer.units} units, by metric %s`, async (name) => {
    expect(await fitFaults(devices, rivalry(loss, layer, [name]))).toEqual([]);
  });

  test(`of ${layer.units} units, by all of them together`, async () => {
    expect(await fitFaults(devices, rivalry(loss, layer, names))).toEqual([]);
  });
});

test.each<[string, LossName, OutputLayer, Metric]>([
  ["binaryAccuracy", "binaryCrossentropy", sigmoid, metrics.binaryAccuracy],
  [
    "sparseCategoricalAccuracy",
    "sparseCategoricalCrossentropy",
    softmax,
    metrics.sparseCategoricalAccuracy,
  ],
  ["categoricalAccuracy", "categoricalCrossentropy", softmax, metrics.categoricalAccuracy],
  ["meanAbsoluteError", "meanSquaredError", linear, metrics.meanAbsoluteError],
  ["meanAbsolutePercentageError", "meanSquaredError", linear, metrics.meanAbsolutePercentageError],
  ["cosineProximity", "meanSquaredError", linear, metrics.cosineProximity],
  ["one of the user's own", "meanSquaredError", linear, largestError],
])("the function %s is told as tfjs tells it", async (_, loss, layer, metric) => {
  const known = rivalry(loss, layer, [metric]);
  const labelShape = loss.startsWith("sparse") ? [1] : [layer.units];
  expect(await fitFaults(devices, { ...known, hone: { labelShape } })).toEqual([]);
});

test("an epoch of one batch tells precision and recall as tfjs does", async () => {
  for (const metric of ["precision", metrics.precision, metrics.recall]) {
    const known = rivalry("categoricalCrossentropy", softmax, [metric]);
    expect(await fitFaults(devices, { ...known, batch: ROWS }), `${metric}`).toEqual([]);
  }
});
