import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { decodePredictions } from "@hone/report";
import { afterAll, beforeAll, expect, test } from "vitest";
import { studyModel } from "./study-models.js";
import { describeData } from "./study-plan.js";
import { trainRun } from "./train-run.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-train-run-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const data = await digits({ train: 96, test: 20 });
const { network } = studyModel("mlp");
const settings = {
  model: "mlp",
  network,
  data: describeData("digits", data),
  optimizer: "adam",
  learningRate: 1e-3,
  batchSize: 32,
  epochs: 2,
  seed: 1,
} as const;

async function train(changes: {
  readonly learningRate?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
}) {
  const device = await cpu().open();
  try {
    const signal = new AbortController().signal;
    const ignore = () => undefined;
    const surroundings = {
      data,
      device,
      version: "0",
      signal,
      unfinished: path.join(folder, "unfinished"),
      onProgress: ignore,
      onWarning: ignore,
    };
    return await trainRun({ ...settings, ...changes }, surroundings);
  } finally {
    await device.close();
  }
}

test("a run is judged after each epoch, and keeps what it said of each test image", async () => {
  const run = await train({});
  expect(run).toMatchObject({ settings, steps: 6, version: "0", device: { backend: "cpu" } });
  expect(run.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(run.outcome.kind).toBe("finished");
  if (run.outcome.kind !== "finished") return;
  const { classes, confidence } = decodePredictions(run.outcome.predictions);
  const labels = data.test.columns.y.data;
  const right = Array.from(classes).filter((given, row) => given === labels[row]).length;
  expect(right / 20).toBe(run.epochs[1]?.testAccuracy);
  // The largest of ten probabilities.
  expect(Math.min(...Array.from(confidence))).toBeGreaterThanOrEqual(0.1);
});

test("a run that diverges ends as such, with the step and the reason, and throws nothing", async () => {
  const run = await train({ learningRate: 1e30 });
  expect(run.outcome).toMatchObject({
    kind: "diverged",
    reason: expect.stringMatching(/^step \d+: the (loss|gradient's norm) is NaN in epoch 1\./),
  });
  expect(run.epochs.length).toBeLessThan(2);
});

test("a run whose very last step ruins its weights has diverged as well", async () => {
  const run = await train({ learningRate: 1e30, epochs: 1, batchSize: 96 });
  expect(run.outcome).toMatchObject({
    kind: "diverged",
    reason: expect.stringMatching(/^epoch 1: its last step ruined the model: the loss is NaN\./),
  });
  expect(run.epochs).toEqual([]);
});
