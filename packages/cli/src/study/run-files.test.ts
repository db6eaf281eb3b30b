import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { encodePredictions, type StudyRun, studyRunFormat } from "@hone/report";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRun, runFile, writeRun } from "./run-files.js";
import { studyModel } from "./study-models.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-runs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const settings = {
  model: "mlp",
  network: studyModel("mlp").network,
  data: { name: "digits", trainRows: 10, testRows: 3, fingerprint: "f" },
  optimizer: "adam",
  ...{ learningRate: 1e-3, batchSize: 32, epochs: 1, seed: 1 },
} as const;

const run: StudyRun = {
  record: studyRunFormat,
  settings,
  outcome: {
    kind: "finished",
    predictions: encodePredictions({ classes: [1, 2, 9], confidence: [0.5, 0.6, 1] }),
  },
  epochs: [{ epoch: 1, loss: 1, accuracy: 0.5, testLoss: 1, testAccuracy: 0.6, seconds: 2 }],
  steps: 1,
  time: { trainingSeconds: 2, testingSeconds: 1, wallSeconds: 4 },
  device: { backend: "cpu", description: "one", numerics: "f32", threads: 1 },
  version: "1",
};

const places = [
  ...["record", "settings", "outcome", "epochs", "steps", "time", "device", "version"].map(
    (name) => [name],
  ),
  ...["kind", "predictions"].map((name) => ["outcome", name]),
  ...["classes", "confidence"].map((name) => ["outcome", "predictions", name]),
  ...Object.keys(run.epochs[0]!).map((name) => ["epochs", 0, name]),
  ...Object.keys(run.time).map((name) => ["time", name]),
  ...Object.keys(run.device).map((name) => ["device", name]),
];

test("a kept run with anything of another kind at any of its places is refused by its file's name", async () => {
  await writeRun(folder, { ...run, extra: { markup: "<meta>" } } as StudyRun);
  const read = await readRun(folder, settings, "1");
  expect(read?.epochs).toEqual(run.epochs);
  for (const place of places) {
    for (const wrong of [null, { markup: "<meta>" }, [[]], true, undefined]) {
      const damaged = structuredClone(run) as unknown as Record<string | number, unknown>;
      const parent = place.slice(0, -1).reduce((at, name) => at[name] as typeof at, damaged);
      parent[place.at(-1) as string] = wrong;
      await writeFile(runFile(folder, settings), JSON.stringify(damaged));
      await expect(readRun(folder, settings, "1"), `${place.join(".")} ${wrong}`).rejects.toThrow(
        /mlp-seed-1\.json: it is not the record of a whole run\. Delete it, or give --out/,
      );
    }
  }
});

test("nothing but the fields of a run is taken from its file", async () => {
  const settingsToo = { ...settings, markup: "<meta>" };
  await writeRun(folder, {
    ...run,
    settings: settingsToo,
    markup: "<meta>",
  } as unknown as StudyRun);
  expect(await readRun(folder, settings, "1")).toEqual(run);
});
