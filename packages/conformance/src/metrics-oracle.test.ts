/** Every metric against tfjs's own function, and those that tfjs only names against plain counting. */
import "@tensorflow/tfjs-backend-cpu";
import "@hone/core/models";
import type { Device } from "@hone/core/backend";
import {
  lossOf,
  metricJoins,
  metricOf,
  metricParts,
  metricValue,
  metricWidth,
  type NamedMetric,
  RandomStream,
} from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { computed, type SmallInput } from "./test/small-graph.js";

let reference: Device;
beforeAll(async () => {
  await tf.ready();
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

const named = (given: unknown): NamedMetric => {
  const found = metricOf(given, [4], undefined);
  if (!found) throw new Error(`no metric ${given}`);
  return found.metric;
};

interface Batch {
  readonly output: SmallInput;
  readonly labels: SmallInput;
}

async function partsOf(metric: NamedMetric, { output, labels }: Batch): Promise<number[]> {
  const { values } = await computed(
    reference,
    [output, labels],
    (builder, [given, target]) => metricParts(builder, metric, given as number, target as number),
    false,
  );
  expect(values.length).toBe(metricWidth(metric));
  return Array.from(values);
}

const figureOf = async (metric: NamedMetric, batch: Batch) =>
  metricValue(metric, await partsOf(metric, batch));

function random(shape: readonly number[], draw: (stream: RandomStream, at: number) => number) {
  const stream = new RandomStream(11, 3);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, values: Float32Array.from({ length: size }, (_, at) => draw(stream, at)) };
}

const oneOf = (choices: readonly number[]) => (stream: RandomStream) =>
  choices[stream.nextInteger(choices.length)] as number;

const SHAPES: readonly (readonly number[])[] = [
  [64, 4],
  [8, 5, 4],
];
const LABELS = {
  "0 and 1": [0, 1],
  "-1 and 1": [-1, 1],
  "soft labels": [0, 0.25, 0.75, 1],
} as const;

type TfjsMetric = (labels: tf.Tensor, output: tf.Tensor) => tf.Tensor;
const tfjs: Readonly<Record<string, TfjsMetric>> = {
  ...(layers.metrics as unknown as Record<string, TfjsMetric>),
  // tfjs's own is written with chained operations, which only its full bundle has.
  r2Score: (labels, output) => {
    const residuals = tf.sum(tf.square(tf.sub(labels, output)));
    const spread = tf.sum(tf.square(tf.sub(labels, tf.mean(labels))));
    return tf.sub(1, tf.div(residuals, spread));
  },
};

function tfjsFigure(name: string, { output, labels }: Batch): number {
  return tf.tidy(() => {
    const dtype = labels.values instanceof Int32Array ? "int32" : "float32";
    const target = tf.tensor(labels.values, [...labels.shape], dtype);
    const given = tf.tensor(output.values, [...output.shape]);
    return tf.mean((tfjs[name] as TfjsMetric)(target, given)).dataSync()[0] as number;
  });
}

describe.each(Object.keys(LABELS) as (keyof typeof LABELS)[])("with %s", (kind) => {
  test.each([
    "binaryAccuracy",
    "categoricalAccuracy",
    "precision",
    "recall",
    "r2Score",
    "meanSquaredError",
    "mse",
    "meanAbsoluteError",
    "mape",
    "cosineProximity",
    "binaryCrossentropy",
    "categoricalCrossentropy",
  ])("%s is that of tfjs", async (name) => {
    for (const shape of SHAPES) {
      // Exact zeros, ones and halves among them, and ties within a row.
      const output = random(shape, oneOf([0, 0.1, 0.25, 0.5, 0.7, 1]));
      const labels = random(shape, oneOf(LABELS[kind]));
      const wanted = tfjsFigure(name, { output, labels });
      const found = await figureOf(named(name), { output, labels });
      if (Number.isNaN(wanted)) expect(found).toBeNaN();
      else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-5 * Math.abs(wanted));
    }
  });
});

test.each([Int32Array, Float32Array])(
  "sparseCategoricalAccuracy is that of tfjs for labels in $name",
  async (type) => {
    for (const shape of SHAPES) {
      const output = random(shape, oneOf([0, 0.25, 0.5, 1]));
      const rows = shape.slice(0, -1);
      const choices = type === Int32Array ? [0, 1, 2, 3] : [0, 1, 1.5, 2, 3];
      const { values } = random(rows, oneOf(choices));
      for (const labelShape of [rows, [...rows, 1]]) {
        const labels = { shape: labelShape, values: type.from(values) };
        const found = await figureOf(named("sparseCategoricalAccuracy"), { output, labels });
        expect(found).toBeCloseTo(tfjsFigure("sparseCategoricalAccuracy", { output, labels }), 6);
        expect(found).toBeGreaterThan(0);
      }
    }
  },
);

test("precision and recall are of the whole set, also where a batch has no yes", async () => {
  const output = random([8, 1], (_, at) => [1, 1, 0, 1, 0, 0, 0, 0][at] as number);
  const labels = random([8, 1], (_, at) => [1, 0, 1, 1, 1, 0, 1, 0][at] as number);
  const half = (input: SmallInput, start: number) => ({
    shape: [4, 1],
    values: input.values.slice(start, start + 4),
  });
  for (const name of ["precision", "recall"]) {
    const metric = named(name);
    expect(metricJoins(metric)).toBe("sum");
    const halves = await Promise.all(
      [0, 4].map((start) =>
        partsOf(metric, { output: half(output, start), labels: half(labels, start) }),
      ),
    );
    const joined = (halves[0] as number[]).map((part, at) => part + (halves[1]?.[at] as number));
    const whole = tfjsFigure(name, { output, labels });
    expect(metricValue(metric, joined)).toBeCloseTo(whole, 6);
  }
});

test("a sigmoid is no yes to tfjs's precision, and is one above a threshold", async () => {
  const output = random([4, 1], (_, at) => [0.9, 0.8, 0.3, 0.6][at] as number);
  const labels = random([4, 1], (_, at) => [1, 0, 1, 1][at] as number);
  expect(await figureOf(named("precision"), { output, labels })).toBe(0);
  const above = (name: string) => named({ name, threshold: 0.5 });
  expect(await figureOf(above("precision"), { output, labels })).toBeCloseTo(2 / 3, 12);
  expect(await figureOf(above("recall"), { output, labels })).toBeCloseTo(2 / 3, 12);
});

test("the label's class is within the top k when fewer than k outputs are larger", async () => {
  const shape = [40, 7];
  const output = random(shape, (stream) => Math.round(20 * stream.nextFloat()) / 20);
  const classes = Int32Array.from(random([40], (stream) => stream.nextInteger(7)).values);
  const hot = random(shape, (_, at) => (classes[Math.floor(at / 7)] === at % 7 ? 1 : 0));
  for (const k of [1, 2, 5, 7]) {
    const counted = Array.from(classes).filter((label, row) => {
      const values = output.values.slice(7 * row, 7 * row + 7);
      return values.filter((value) => value > (values[label] as number)).length < k;
    }).length;
    const sparse = named({ name: "sparseTopKCategoricalAccuracy", k });
    const categorical = named({ name: "topKCategoricalAccuracy", k });
    const labels = { shape: [40], values: classes };
    expect(await figureOf(sparse, { output, labels })).toBe(counted / 40);
    expect(await figureOf(categorical, { output, labels: hot })).toBe(counted / 40);
  }
});

test.each([60, 5000])("the area is the share of %i outputs' pairs in right order", async (size) => {
  // Values that the thresholds tell apart, so that the trapezoids are exact.
  const output = random([size, 1], (stream) => (stream.nextInteger(100) + 0.3) / 101);
  const labels = random([size, 1], (stream, at) =>
    stream.nextFloat() < 0.25 + 0.5 * (output.values[at] as number) ? 1 : 0,
  );
  const scoresOf = (label: number) => output.values.filter((_, at) => labels.values[at] === label);
  const [positives, negatives] = [scoresOf(1), scoresOf(0)];
  let right = 0;
  for (const yes of positives) {
    for (const no of negatives) right += yes > no ? 1 : yes === no ? 0.5 : 0;
  }
  const pairs = positives.length * negatives.length;
  expect(await figureOf(named("auc"), { output, labels })).toBeCloseTo(right / pairs, 9);
});

/** The names tfjs's History would have, and those of the functions behind them. */
function compiled(units: number, loss: string, asked: string[]) {
  const input = layers.input({ shape: [2] });
  const output = layers.layers.dense({ units }).apply(input) as layers.SymbolicTensor;
  const model = layers.model({ inputs: input, outputs: output });
  model.compile({ optimizer: "sgd", loss, metrics: asked });
  const { metricsTensors } = model as unknown as { metricsTensors: [TfjsMetric, number][] };
  const functions = metricsTensors.map(([{ name }]) => name);
  const found = { labels: model.metricsNames.slice(1), functions };
  model.dispose();
  return found;
}

test.each([1, 3])("metrics of %i outputs are those that tfjs's compile chooses", (units) => {
  const asked = ["accuracy", "acc", "ce", "crossentropy", "mse", "MAPE", "precision", "cosine"];
  for (const loss of [
    "meanSquaredError",
    "binaryCrossentropy",
    "categoricalCrossentropy",
    "sparseCategoricalCrossentropy",
  ]) {
    const ours = asked.map((given) => metricOf(given, [units], lossOf(loss)));
    const { labels, functions } = compiled(units, loss, asked);
    expect(ours.map((found) => found?.label)).toEqual(labels);
    // The bundle numbers the functions whose names it has twice.
    const plain = functions.map((name) => name.replace(/\$\d+$/, ""));
    expect(ours.map((found) => found?.metric.name)).toEqual(plain);
  }
});
