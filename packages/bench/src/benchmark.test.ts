/** What the rows of a benchmark hold, on a device that is right. */
import type { Device } from "@hone/core/backend";
import { mlp } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { wasm } from "@hone/wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { benchmark, type RoundFigures, rowTitle } from "./index.js";

const data = await digits({ train: 500, test: 100 });
let reference: Device;
beforeAll(async () => {
  reference = await cpu({ precision: 64 }).open();
});
afterAll(() => reference.close());

const sampling = { seconds: 0.01, least: 3, sampleMs: 1, warmSeconds: 0.01 };
const model = [{ name: "mlp", model: mlp({ seed: 1 }) }];
const common = { sampling, epochs: 0 };

test("there is a row for each backend, batch size and mode, and each round has its figures", async () => {
  const rows = await benchmark(model, data, {
    ...common,
    reference,
    backends: [wasm({ threads: 1 }), cpu()],
    batchSizes: [8, 32],
    rounds: 2,
    processMemory: () => 12345,
  });
  expect(rows.map(rowTitle)).toEqual([
    "train mlp on wasm, batch 8",
    "train mlp on cpu, batch 8",
    "train mlp on wasm, batch 32",
    "train mlp on cpu, batch 32",
    "predict mlp on wasm, batch 8",
    "predict mlp on cpu, batch 8",
    "predict mlp on wasm, batch 32",
    "predict mlp on cpu, batch 32",
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({ outcome: "measured", rounds: [{ processBytes: 12345 }, {}] });
    expect(row.device?.backend).toBe(row.engine);
  }
});

test("epochs have seconds, looks at the test set lie where they were asked for, and times grow", async () => {
  const [row] = await benchmark(model, data, {
    ...common,
    reference,
    backends: [cpu({ worker: false })],
    batchSizes: [10],
    modes: ["train"],
    epochs: 3,
    evaluationsPerEpoch: 2,
    accuracies: [0.2, 1.01],
  });
  if (row?.outcome !== "measured") throw new Error(JSON.stringify(row));
  const [round] = row.rounds as [RoundFigures];
  const { epochSeconds = [], evaluations = [], timesToAccuracy = [] } = round;
  expect(epochSeconds).toHaveLength(3);
  // Ends of epochs are exact; looks within one come when the steps enqueued by then are done.
  const ends = evaluations.filter(({ epochs }) => Number.isInteger(epochs));
  expect(ends.map(({ epochs }) => epochs)).toEqual([1, 2, 3]);
  const within = evaluations.filter(({ epochs }) => !Number.isInteger(epochs));
  expect(within.length).toBeGreaterThan(0);
  for (const { epochs } of within) expect(epochs % 1).toBeGreaterThanOrEqual(0.5);
  const seconds = evaluations.map((point) => point.seconds);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  const total = epochSeconds.reduce((sum, value) => sum + value, 0);
  expect(seconds.at(-1)).toBeCloseTo(total, 9);
  expect(round.finalAccuracy).toBe(evaluations.at(-1)?.accuracy);
  expect(timesToAccuracy).toMatchObject([
    { accuracy: 0.2, seconds: expect.any(Number) },
    { accuracy: 1.01, seconds: null },
  ]);
});

test("a batch larger than the data is refused with both numbers", async () => {
  const asked = benchmark(model, data, {
    ...common,
    reference,
    backends: [cpu({ worker: false })],
    batchSizes: [501],
    modes: ["train"],
  });
  await expect(asked).rejects.toThrow(/501, and .* has 500 rows to train with/);
});

test("an answer made elsewhere stands in for a reference device", async () => {
  const wrong = { rows: 4, outputs: new Float32Array(40) };
  const [row] = await benchmark(model, data, {
    ...common,
    reference: () => wrong,
    backends: [cpu({ worker: false })],
    batchSizes: [4],
    modes: ["predict"],
  });
  expect(row).toMatchObject({
    outcome: "wrong",
    reason: expect.stringMatching(/^a prediction is .* instead of 0/),
  });
});
