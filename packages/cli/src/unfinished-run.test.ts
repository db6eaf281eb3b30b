/** A run of a study that is cut short goes on where it was, and comes to what it would have come to. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Device, isHoneError } from "@hone/core";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { afterAll, beforeAll, expect, test } from "vitest";
import { studyModel } from "./study/study-models.js";
import { describeData } from "./study/study-plan.js";
import { trainRun } from "./study/train-run.js";
import { runTrial } from "./tune/trial.js";

let folder: string;
let device: Device;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-unfinished-"));
  device = await cpu().open();
});
afterAll(async () => {
  await device.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs, is aborted after so much progress, and runs again. @returns how many times it was aborted */
async function throughAborts<T>(
  run: (signal: AbortSignal, onProgress: () => void) => Promise<T>,
  each: number,
): Promise<{ readonly result: T; readonly aborts: number }> {
  for (let aborts = 0; ; aborts++) {
    const controller = new AbortController();
    let seen = 0;
    const onProgress = () => {
      if (++seen === each && aborts < 3) controller.abort();
    };
    try {
      return { result: await run(controller.signal, onProgress), aborts };
    } catch (error) {
      if (!isHoneError(error, "Aborted")) throw error;
    }
  }
}

test("a run of a study", async () => {
  const data = await digits({ train: 96, test: 20 });
  const settings = {
    model: "mlp",
    network: studyModel("mlp").network,
    data: describeData("digits", data),
    optimizer: "adam",
    learningRate: 1e-3,
    batchSize: 4,
    epochs: 2,
    seed: 1,
  } as const;
  const run = (unfinished: string) => (signal: AbortSignal, onProgress: () => void) =>
    trainRun(settings, {
      data,
      device,
      version: "0",
      signal,
      unfinished,
      onProgress,
      onWarning: () => undefined,
    });
  const expected = await run(path.join(folder, "peace"))(
    new AbortController().signal,
    () => undefined,
  );
  const { result, aborts } = await throughAborts(run(path.join(folder, "study")), 2);
  expect(aborts).toBe(3);
  const timeless = ({ epochs, outcome, steps }: typeof result) => ({
    epochs: epochs.map(({ seconds: _seconds, ...rest }) => rest),
    outcome,
    steps,
  });
  expect(timeless(result)).toEqual(timeless(expected));
  expect(await readdir(folder)).toEqual([]);
});

test("a trial of a search", async () => {
  const { train, test: validation } = await digits({ train: 96, test: 20 });
  const run = (unfinished: string) => (signal: AbortSignal, onProgress: () => void) =>
    runTrial(
      {
        model: "mlp",
        device,
        train,
        validation,
        batchSize: 4,
        seed: 3,
        seedsPerTrial: 1,
        signal,
        unfinished,
      },
      { configuration: { learningRate: 0.002 }, epochs: 2 } as never,
      onProgress,
    );
  const expected = await run(path.join(folder, "peace"))(
    new AbortController().signal,
    () => undefined,
  );
  const { result, aborts } = await throughAborts(run(path.join(folder, "trial")), 2);
  expect(aborts).toBe(3);
  expect(result.outcome).toEqual(expected.outcome);
  // Beside the weights stand names, which tfjs counts up over the process.
  const weights = ({ models }: typeof result) =>
    models.flatMap(({ files }) => Object.entries(files).filter(([name]) => name.endsWith(".bin")));
  expect(weights(result).length).toBeGreaterThan(0);
  expect(weights(result)).toEqual(weights(expected));
});
