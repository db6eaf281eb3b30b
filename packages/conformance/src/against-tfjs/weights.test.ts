/** Weights of classes, as tfjs's `fit` has them; and of rows, which it lacks, beside a loss of its own that weighs. */
import type { Dataset, Device } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import * as tf from "@tensorflow/tfjs-core";
import { metrics } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetOf, type FitRivalry, fitFaults } from "./test/harness.js";
import { featureRows, labelRows, numberRows, smallNetwork } from "./test/models.js";

const ROWS = 36;

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

const optimizer = () => tf.train.sgd(0.1);
const softmax = { units: 3, activation: "softmax" } as const;
const sigmoid = { units: 1, activation: "sigmoid" } as const;

const weighed: Readonly<Record<string, FitRivalry>> = {
  "one-hot labels": {
    model: smallNetwork({ out: softmax }),
    rows: ROWS,
    x: featureRows(ROWS),
    y: { out: labelRows("categoricalCrossentropy", ROWS, 3) },
    tfjs: { optimizer: optimizer(), loss: "categoricalCrossentropy", metrics: ["accuracy"] },
    classWeight: { 0: 0.5, 1: 3, 2: 1.25 },
  },
  "class indices": {
    model: smallNetwork({ out: softmax }),
    rows: ROWS,
    x: featureRows(ROWS),
    y: { out: labelRows("sparseCategoricalCrossentropy", ROWS, 3) },
    tfjs: { optimizer: optimizer(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] },
    classWeight: { 0: 0.5, 1: 3, 2: 0 },
  },
  "yes or no": {
    model: smallNetwork({ out: sigmoid }),
    rows: ROWS,
    x: featureRows(ROWS),
    y: { out: labelRows("binaryCrossentropy", ROWS, 1) },
    tfjs: { optimizer: optimizer(), loss: "binaryCrossentropy", metrics: ["accuracy"] },
    classWeight: { 0: 0.25, 1: 2 },
  },
  "two outputs": {
    model: smallNetwork({ kind: softmax, answer: sigmoid }),
    rows: ROWS,
    x: featureRows(ROWS),
    y: {
      kind: labelRows("categoricalCrossentropy", ROWS, 3),
      answer: labelRows("binaryCrossentropy", ROWS, 1),
    },
    tfjs: {
      optimizer: optimizer(),
      loss: { kind: "categoricalCrossentropy", answer: "binaryCrossentropy" },
    },
    hone: { metrics: [] },
    classWeight: { kind: { 0: 0.5, 1: 3, 2: 1.25 }, answer: { 0: 0.25, 1: 2 } },
  },
};

test.each(Object.entries(weighed))(
  "classes of %s weigh in fit as tfjs's do",
  async (_, rivalry) => {
    // What tfjs tells of the validation of several outputs is wrong.
    const validationRows = rivalry.model.outputs.length === 1 ? 9 : 0;
    expect(await fitFaults(devices, { ...rivalry, validationRows })).toEqual([]);
  },
);

/** The last column of the labels holds the weights of the rows. */
function weighing(loss: (labels: tf.Tensor, output: tf.Tensor) => tf.Tensor, units: number) {
  return (labels: tf.Tensor, output: tf.Tensor) =>
    tf.tidy(() => {
      const truth = tf.slice(labels, [0, 0], [-1, units]);
      const weights = tf.squeeze(tf.slice(labels, [0, units], [-1, 1]), [1]);
      return tf.mul(loss(truth, tf.slice(output, [0, 0], [-1, units])), weights);
    });
}

test("weights of rows are those of a loss that multiplies by them", async () => {
  const units = 2;
  // tfjs wants labels as wide as the output: one unit more than is judged, and Hone's model alike.
  const model = smallNetwork({ out: { units: units + 1, activation: "linear" } });
  const truth = numberRows(ROWS, [units]);
  const random = numberRows(ROWS, [], 51).data;
  const weights = Float32Array.from(random, (value) => Math.abs(value));
  const both = Float32Array.from({ length: ROWS * (units + 1) }, (_, at) => {
    const [row, column] = [Math.floor(at / (units + 1)), at % (units + 1)];
    return column === units
      ? (weights[row] as number)
      : (truth.data[row * units + column] as number);
  });
  const x = featureRows(ROWS);
  const plain = datasetOf({ rows: ROWS, x, y: { out: truth } });
  const dataset: Dataset = {
    ...plain,
    columns: { ...plain.columns, weight: { data: weights, shape: [], scale: 1, offset: 0 } },
    sampleWeights: "weight",
  };
  const judged = (labels: tf.Tensor, output: tf.Tensor) =>
    metrics.meanSquaredError(labels, tf.slice(output, [0, 0], [-1, units]));
  const rivalry: FitRivalry = {
    model,
    rows: ROWS,
    x,
    y: { out: { shape: [units + 1], data: both } },
    tfjs: { optimizer: optimizer(), loss: weighing(metrics.meanSquaredError, units) },
    hone: { loss: judged, labelShape: [units], metrics: [] },
  };
  expect(await fitFaults(devices, rivalry, { dataset })).toEqual([]);
});
