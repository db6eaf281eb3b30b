import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand, type RunOptions } from "../test/build.js";
import { writeIdxSet } from "./test/idx-set.js";

let hone: BuiltCommand;
let folder = "";
const inFolder = (...names: string[]) => path.join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-study-"));
  hone = await buildCommand();
  await writeIdxSet(inFolder("tiny"), { train: 300, test: 100 });
  await writeIdxSet(inFolder("other"), { train: 200, test: 100 }, { seed: 1 });
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

const backend = ["--backend", "wasm", "--threads", "1"];
const mlps = (out: string) => [
  ...["study", "--models", "mlp,mlp-tuned", "--datasets", "./tiny", "--epochs", "2", ...backend],
  ...["--seeds", "2", "--out", out],
];
const run = (words: readonly string[], options: RunOptions = {}) =>
  hone.run(words, { cwd: folder, ...options });

async function succeed(...words: string[]) {
  const outcome = await run(words);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return outcome;
}

const readJson = async (...names: string[]) =>
  JSON.parse(await readFile(inFolder(...names), "utf8"));
const resultLines = (text: string) =>
  text.split("\n").filter((line) => /^ *\d+\/\d+ {2}/.test(line));

test("a study trains every model, seed and variant, and its figures are those of its runs", async () => {
  const { stdout, stderr } = await succeed(...mlps("whole"), "--json", "results/figures.json");
  const names = ["mlp", "mlp-tuned"].flatMap((model) =>
    [1, 2].map((seed) => `${model}-seed-${seed}`),
  );
  const variants = ["units-256-128", "dropout-0.3", "rate-1e-4"].map(
    (name) => `mlp-${name}-seed-1`,
  );
  const files = [...names, ...variants].map((name) => `tiny-${name}.json`).sort();
  expect((await readdir(inFolder("whole/runs"))).sort()).toEqual(files);
  expect(resultLines(stderr)).toHaveLength(7);
  expect(resultLines(stderr)[0]).toMatch(
    /^1\/7 {2}\.\/tiny mlp seed 1 {2}test accuracy \d+\.\d\d % {2}\d+\.\d s {2}[\d,]+ img\/s$/,
  );

  const figures = await readJson("whole/study.json");
  expect(figures).toEqual(await readJson("results/figures.json"));
  const labels = (await readFile(inFolder("tiny/t10k-labels-idx1-ubyte"))).subarray(8);
  for (const seed of [1, 2]) {
    const { settings, epochs, outcome, steps, device } = await readJson(
      `whole/runs/tiny-mlp-tuned-seed-${seed}.json`,
    );
    expect(settings).toMatchObject({ seed, epochs: 2, batchSize: 64, learningRate: 1e-4 });
    expect(settings.network).toEqual({ family: "mlp", units: [256, 128], dropout: 0.3 });
    expect({ steps, device }).toMatchObject({ steps: 10, device: { backend: "wasm", threads: 1 } });
    // The class kept for each image is the one that the accuracy was counted from.
    const given = [...outcome.predictions.classes].map(Number);
    const right = given.filter((prediction, row) => prediction === labels[row]).length;
    expect(right / 100).toBe(epochs[1].testAccuracy);
  }
  const tuned = figures.summaries.find(({ model }: { model: string }) => model === "mlp-tuned");
  const last = figures.runs
    .filter(({ model }: { model: string }) => model === "mlp-tuned")
    .map(({ epochs }: { epochs: { testAccuracy: number }[] }) => epochs[1]?.testAccuracy);
  expect(tuned.accuracy.mean).toBeCloseTo((last[0] + last[1]) / 2, 12);
  expect(figures.tuning[0].effects.map(({ change }: { change: string }) => change)).toEqual([
    "256 and 128 units instead of 128 and 64",
    "dropout 0.3 instead of 0.5",
    "learning rate 1e-4 instead of 1e-3",
    "all of them",
  ]);
  const { overhead, wallSeconds, trainingSeconds } = figures.time;
  expect(overhead).toBeCloseTo(wallSeconds / trainingSeconds, 12);
  expect(stdout).toContain(`overhead ×${overhead.toFixed(3)}`);
  expect(stdout).toMatch(
    /^Files .*whole\/study\.html; .*whole\/study\.json, results\/figures\.json/m,
  );

  const page = await readFile(inFolder("whole/study.html"), "utf8");
  for (const title of [
    "Conclusions",
    "Data: ./tiny",
    "Mistakes on ./tiny",
    "Tuning choices",
    "Machine and date",
  ]) {
    expect(page).toContain(`>${title}</h2>`);
  }
  const pictures = await readdir(inFolder("whole/images"));
  expect(pictures).toEqual(
    expect.arrayContaining(["tiny-mlp-confusion.svg", "tiny-mlp-tuning.svg", "tiny-samples.png"]),
  );
});

test("finished runs are kept: only what is missing is trained, and gives the same answers again", async () => {
  await succeed(...mlps("again"));
  const figures = await readJson("again/study.json");
  const file = inFolder("again/runs/tiny-mlp-seed-2.json");
  const kept = inFolder("again/runs/tiny-mlp-seed-1.json");
  const [before, { mtimeMs }] = [JSON.parse(await readFile(file, "utf8")), await stat(kept)];
  await rm(file);
  const { stderr } = await succeed(...mlps("again"));
  expect(stderr).toContain("6 of 7 runs are kept from before; 1 is left to train");
  expect(resultLines(stderr)).toHaveLength(1);
  expect((await stat(kept)).mtimeMs).toBe(mtimeMs);
  const after = JSON.parse(await readFile(file, "utf8"));
  expect(after.outcome).toEqual(before.outcome);

  const { stdout, stderr: nothing } = await succeed(...mlps("again"));
  expect(resultLines(nothing)).toEqual([]);
  expect(stdout).toContain("all runs were kept from before");
  const again = await readJson("again/study.json");
  expect(again.time).toMatchObject({ runs: 0, overhead: null });
  expect(again.mistakes).toEqual(figures.mistakes);

  // Without a backend asked for, a study goes on with the one it has.
  const auto = mlps("again").filter((word) => word !== "--backend" && word !== "wasm");
  await succeed(...auto, "--models", "mlp", "--seeds", "3");
  expect((await readJson("again/study.json")).why).toBe(
    "the study's earlier runs were made on wasm",
  );

  for (const [words, says] of [
    [
      ["--epochs", "3"],
      /again\/runs\/tiny-mlp-seed-1\.json: this run was made with epochs 2, and now it is 3\. Give --out/,
    ],
    [["--batch-size", "32"], /batchSize 64, and now it is 32/],
    [["--limit", "200"], /data\.trainRows 300, and now it is 200/],
    // Only now is there something to train, and a device to compare.
    [["--seeds", "4", "--backend", "cpu"], /backend wasm, and now it is cpu/],
  ] as const) {
    const outcome = await run([...mlps("again"), ...words]);
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr.trimEnd().split("\n").at(-1)).toMatch(says);
  }
  expect((await stat(kept)).mtimeMs).toBe(mtimeMs);
  expect(await readdir(inFolder("again/runs"))).toHaveLength(8);

  await writeFile(file, JSON.stringify(after).slice(0, 500));
  const damaged = await run(mlps("again"));
  expect(damaged).toMatchObject({ code: 1, stdout: "" });
  expect(damaged.stderr).toMatch(
    /mlp-seed-2\.json: it is not the record of a whole run\. Delete it/,
  );
});

test("Ctrl-C keeps the runs that ended, exits with 130, and the same command goes on from there", async () => {
  const which = ["--models", "cnn", "--datasets", "./tiny,./other", "--seeds", "2"];
  const words = ["study", ...which, "--epochs", "12", "--out", "stopped", ...backend];
  let asked = false;
  const { code, stderr, stdout } = await run(words, {
    onOutput: (output, child) => {
      if (asked || !output.includes("1/4  ")) return;
      asked = true;
      child.kill("SIGINT");
    },
  });
  expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: "" });
  const last = stderr.trim().split("\n").at(-1) ?? "";
  const ended = await readdir(inFolder("stopped/runs"));
  expect(last).toBe(
    `[hone] study: interrupted. ${ended.length} of 4 runs ${ended.length === 1 ? "has" : "have"} ended and ${ended.length === 1 ? "is" : "are"} kept in stopped; the same command goes on from there.`,
  );
  // The run that was cut short is kept as far as it came.
  expect(await readdir(inFolder("stopped"))).toEqual(["runs", "unfinished"]);
  const again = await succeed(...words);
  expect(resultLines(again.stderr)).toHaveLength(4 - ended.length);
  expect(await readdir(inFolder("stopped/runs"))).toHaveLength(4);
});

const bad = (...words: string[]) => ["study", "--out", "bad", ...words];
for (const [title, words, says] of [
  [
    "an unknown model",
    bad("--models", "cnn,mpl"),
    /--models has no model 'mpl'\. Did you mean 'mlp'\?/,
  ],
  ["an empty model", bad("--models", "cnn,"), /--models has an empty name: 'cnn,'/],
  ["an unknown data set", bad("--datasets", "mnits"), /there is no data set "mnits"/],
  [
    "two data sets of one name",
    bad("--datasets", "./tiny,tiny"),
    /'\.\/tiny' and 'tiny', whose runs/,
  ],
  ["no seed", bad("--seeds", "0"), /--seeds is '0'\. Give a whole number of at least 1/],
  ["variants below none", bad("--variant-seeds", "-1"), /--variant-seeds is '-1'/],
  ["figures among the runs", bad("--json", "bad/runs/a.json"), /the study itself writes there/],
  [
    "an output folder that is a file",
    ["study", "--out", "tiny/t10k-labels-idx1-ubyte"],
    /is a file/,
  ],
] as const) {
  test(`${title} is refused in one line before anything is trained or written`, async () => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(says);
    expect(await readdir(folder)).not.toContain("bad");
  });
}
