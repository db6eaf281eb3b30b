/** A frozen front is computed once for each row: the weights that training leads to are those without it. */
import "@tensorflow/tfjs-backend-cpu";
import { adam, compile, type Dataset, type Device, type EpochEnd } from "@hone/core";
import { mobilenet } from "@hone/core/models";
import { shapes } from "@hone/data";
import { wasm } from "@hone/wasm";
import { type LayersModel, layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { largest, largestDifference } from "./compare.js";

const SIZE = 32;
const options = { epochs: 3, batchSize: 16, validation: 0.25 } as const;

let device: Device;
let data: Dataset;
beforeAll(async () => {
  device = await wasm({ threads: 1 }).open();
  data = (await shapes({ size: SIZE, train: 70, test: 1 })).train;
});
afterAll(() => device.close());

const frozen = () => mobilenet({ alpha: 0.25, size: SIZE, classes: 8, frozen: true, seed: 3 });

async function trained(model: LayersModel, others: object = {}) {
  const session = await compile(model, {
    device,
    seed: 5,
    optimizer: adam(1e-2),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["acc"],
  });
  const ends: EpochEnd[] = [];
  const { history } = await session.fit(data, {
    ...options,
    ...others,
    onRecord: (record) => {
      if (record.kind === "epoch-end") ends.push(record);
    },
  });
  const weights = await session.weights();
  const judged = await session.evaluate(data);
  return { session, history, weights, ends, judged };
}

test("a frozen MobileNet's head learns the same, with its validation, from features as from pictures", async () => {
  const wanted = await trained(frozen(), { frozenFront: false });
  const found = await trained(frozen());
  expect(wanted.ends.every(({ frozenFront }) => frozenFront === undefined)).toBe(true);
  const told = found.ends.map(({ frozenFront }) => frozenFront);
  expect(told[0]?.bytes).toBe(70 * 256 * 4);
  expect(told[0]?.layers.length).toBeGreaterThan(50);
  for (const [name, values] of Object.entries(wanted.history)) {
    expect(largestDifference(found.history[name] ?? [], values), name).toBeLessThan(1e-5);
  }
  let moved = 0;
  const before = await trained(frozen(), { epochs: 1, learningRate: 0 });
  for (const [at, { name, values }] of wanted.weights.entries()) {
    const apart = largestDifference(found.weights[at]?.values ?? [], values);
    expect(apart, name).toBeLessThanOrEqual(1e-5 * largest(values));
    if (largestDifference(before.weights[at]?.values ?? [], values) > 0) moved++;
  }
  expect(moved).toBe(2);
  expect(found.judged.loss).toBeCloseTo(wanted.judged.loss, 5);
  expect((await found.session.explain()).text).toContain("stand still below all that trains");
});

test("a second training goes on from the features that are known, and new weights below make new ones", async () => {
  const { session, weights } = await trained(frozen());
  const run = async () => {
    let last: EpochEnd | undefined;
    const onRecord = (record: { kind: string }) => {
      if (record.kind === "epoch-end") last = record as EpochEnd;
    };
    await session.fit(data, { ...options, epochs: 1, onRecord });
    return last as EpochEnd;
  };
  const known = await run();
  expect(known.frozenFront?.bytes).toBeGreaterThan(0);
  const halved = weights.map(({ values }, at) =>
    at === 0 ? values.map((one) => one / 2) : values,
  );
  await session.setWeights(halved);
  const features = await run();
  await session.setWeights(halved);
  let pictures: EpochEnd | undefined;
  const onRecord = (record: { kind: string }) => {
    if (record.kind === "epoch-end") pictures = record as EpochEnd;
  };
  await session.fit(data, { ...options, epochs: 1, frozenFront: false, onRecord });
  // Another order of rows, the same model: not that of the features before.
  expect(Math.abs(features.validationLoss! - known.validationLoss!)).toBeGreaterThan(1e-3);
  expect(pictures?.frozenFront).toBeUndefined();
});

test("where rows see each other, or pictures are changed, nothing is computed beforehand", async () => {
  const augmented = await trained(frozen(), { augment: { shift: 1 } });
  expect(augmented.ends[0]?.frozenFront).toBeUndefined();
  const model = sequential();
  model.add(layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [SIZE, SIZE, 3] }));
  model.add(layers.batchNormalization({}));
  model.add(layers.globalAveragePooling2d({}));
  model.add(layers.dense({ units: 8, activation: "softmax" }));
  for (const layer of model.layers.slice(0, 3)) layer.trainable = false;
  const { ends } = await trained(model);
  // The convolution stands in front of a normalisation by the batch.
  expect(ends[0]?.frozenFront?.layers).toEqual([model.layers[0]?.name]);
});

test("what was left in the middle goes on from a checkpoint, to the same weights", async () => {
  const wanted = await trained(frozen());
  const choices = {
    device,
    seed: 5,
    optimizer: adam(1e-2),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["acc"],
  };
  const first = await compile(frozen(), choices);
  for await (const record of first.steps(data, options)) if (record.kind === "epoch-end") break;
  const resumed = await compile(frozen(), { ...choices, resume: await first.checkpoint() });
  await resumed.fit(data, options);
  for (const [at, { values }] of (await resumed.weights()).entries()) {
    expect(values).toEqual(wanted.weights[at]?.values);
  }
});
