import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Terminal } from "../terminal.js";
import { ProcessGone, type TrialRunner } from "./runners.js";
import { searchTrials } from "./search.js";
import { SearchFolder } from "./search-folder.js";
import { configurationsOf, planOf, type SearchSettings } from "./settings.js";
import { publishedSpaces } from "./space.js";
import type { TrialTask } from "./trial.js";
import { watchSearch } from "./watch.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-search-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const settings: SearchSettings = {
  trial: {
    hone: "0.1.0",
    space: publishedSpaces.mlp,
    candidates: "grid",
    ...{ seed: 1, seedsPerTrial: 1, batchSize: 64, validation: 0.1, numerics: "none" },
    data: { name: "none", rows: 10, sha256: "0" },
  },
  extent: { search: "grid", trials: 8, epochs: 2, eta: null, bracketSize: null },
};

/** Says at once that a trial is as good as its number; `before` may do otherwise. */
function runnerOf(before: (task: TrialTask) => void): TrialRunner {
  return {
    async run(task, onProgress) {
      before(task);
      onProgress({ epochsDone: 1, epoch: 2 });
      const figures = { validationAccuracy: task.trial / 10, validationLoss: 1 };
      const epochs = Array.from({ length: task.epochs }, (_, index) => {
        return { epoch: index + 1, loss: 1, accuracy: 0.5, ...figures };
      });
      return {
        outcome: { status: "finished", ...figures, seeds: [{ seed: 1, ...figures, epochs }] },
        run: { device: "", threads: 1, trainingSeconds: 1, imagesPerSecond: 1, finishedAt: "" },
        models: [{ seed: 1, files: { "model.json": new Uint8Array(1) } }],
      };
    },
    close() {},
  };
}

async function search(before: (task: TrialTask) => void, live = false, jobs = 3) {
  const said: string[] = [];
  const shown: string[] = [];
  const terminal: Terminal = {
    ...{ live, columns: 120, print: () => undefined, settle: async () => undefined },
    say: (text) => said.push(text),
    show: (text) => shown.push(text),
  };
  const plan = planOf(settings);
  const held = new SearchFolder(folder, settings, plan);
  await held.begin({ backend: "none" }, terminal.say);
  const unfinished = searchTrials({
    folder: held,
    configurations: configurationsOf(settings, "test"),
    jobs,
    makeRunner: () => runnerOf(before),
    view: watchSearch(terminal, plan, 1, []),
    say: terminal.say,
    onSaved: () => undefined,
  });
  return { unfinished, said, shown };
}

test("every trial is trained once, and of the models only the best is kept", async () => {
  const trained: number[] = [];
  const { unfinished, said } = await search(({ trial }) => trained.push(trial));
  expect(await unfinished).toEqual([]);
  expect(trained.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await readdir(path.join(folder, "models"))).toEqual(["trial-0008-epochs-2"]);
  expect(said.at(-1)).toMatch(/^tune {2}trial 8 .* 80\.00 % .*\(8\/8, 0:00 left\)$/);
});

test("when the best trial's model is gone, that trial alone is trained again", async () => {
  await (await search(() => undefined)).unfinished;
  await rm(path.join(folder, "models"), { recursive: true });
  const trained: number[] = [];
  const { unfinished, said } = await search(({ trial }) => trained.push(trial));
  await unfinished;
  expect(trained).toEqual([8]);
  expect(said[0]).toContain("the model of trial 8 is gone");
  expect(await readdir(path.join(folder, "models"))).toEqual(["trial-0008-epochs-2"]);
});

test("a trial whose process dies twice is left out, and the others are trained", async () => {
  const deaths: number[] = [];
  const { unfinished, said } = await search(({ trial }) => {
    if (trial !== 3) return;
    deaths.push(trial);
    throw new ProcessGone("was killed (SIGKILL)");
  });
  expect(await unfinished).toEqual([{ trial: 3, epochs: 2 }]);
  expect(deaths).toHaveLength(2);
  expect(said.filter((line) => line.startsWith("[hone]"))).toEqual([
    "[hone] tune: the process of trial 3 was killed (SIGKILL). It is tried once more.",
    "[hone] tune: the process of trial 3 was killed (SIGKILL). It is left out.",
  ]);
  expect(await readdir(path.join(folder, "trials"))).toHaveLength(7);
});

test("any other failure ends the search, and what was finished stays", async () => {
  const { unfinished } = await search(
    ({ trial }) => {
      if (trial === 3) throw new Error("no device");
    },
    false,
    1,
  );
  await expect(unfinished).rejects.toThrow("no device");
  expect(await readdir(path.join(folder, "trials"))).toEqual([
    "trial-0001-epochs-2.json",
    "trial-0002-epochs-2.json",
  ]);
});

test("on a terminal one line tells what runs, the best so far, and the time left", async () => {
  const { unfinished, shown } = await search(() => undefined, true, 2);
  await unfinished;
  expect(shown[0]).toMatch(/^tune {2}0\/8 {2}╌+ {2}trial 1 epoch 1\/2 {2}– left$/);
  expect(shown.some((line) => /best \d0\.00 % {2}\d+:\d\d left$/.test(line))).toBe(true);
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(120);
});

test("trials that end together leave the best one's model, whole, and every record", async () => {
  for (let round = 0; round < 20; round++) {
    await rm(folder, { recursive: true, force: true });
    const { unfinished } = await search(() => undefined, false, 8);
    expect(await unfinished).toEqual([]);
    expect(await readdir(path.join(folder, "models"))).toEqual(["trial-0008-epochs-2"]);
    expect(await readdir(path.join(folder, "models/trial-0008-epochs-2/seed-1"))).toEqual([
      "model.json",
    ]);
    expect(await readdir(path.join(folder, "trials"))).toHaveLength(8);
  }
});
