import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand, type Outcome, type RunOptions } from "./test/build.js";
import { mergeFolders } from "./tune/merge.js";

let hone: BuiltCommand;
let folder = "";
const inFolder = (name: string) => path.join(folder, name);
const json = async (name: string) => JSON.parse(await readFile(inFolder(name), "utf8"));

/** Four points of which one learning rate, far too high, makes every weight NaN. */
const space = {
  model: "mlp",
  parameters: {
    units: [
      [24, 16],
      [16, 8],
    ],
    learningRate: [1e-2, 1e30],
    batchSize: [32],
  },
};

beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-tune-"));
  await writeFile(inFolder("space.json"), JSON.stringify(space));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

const base = ["--dataset", "digits", "--backend", "wasm", "--limit", "300"];

async function tune(
  out: string,
  words: readonly string[],
  options: RunOptions & { readonly code?: number } = {},
): Promise<Outcome> {
  const given = words.includes("merge") ? [] : base;
  const outcome = await hone.run(["tune", ...words, ...given, "--out", inFolder(out)], options);
  expect(outcome.code, outcome.stderr).toBe(options.code ?? 0);
  return outcome;
}

async function sameLeaderboard(a: string, b: string): Promise<void> {
  for (const file of ["leaderboard.json", "leaderboard.txt", "winner.json", "tune.html"]) {
    const [x, y] = [
      await readFile(inFolder(`${a}/${file}`)),
      await readFile(inFolder(`${b}/${file}`)),
    ];
    expect(y.equals(x), `${file} of ${a} and ${b}`).toBe(true);
  }
}

const grid = () => ["--space", inFolder("space.json"), "--epochs", "2", "--seeds-per-trial", "2"];
const shards = [1, 2, 3, 4].map((index) => `shard-${index}`);

test("one process and four merged shards write the same leaderboard, byte for byte", async () => {
  const slurm = {
    SLURM_ARRAY_TASK_ID: "30",
    SLURM_ARRAY_TASK_MIN: "10",
    SLURM_ARRAY_TASK_STEP: "10",
    SLURM_ARRAY_TASK_COUNT: "4",
  };
  await Promise.all([
    tune("one", [...grid(), "--json", inFolder("one.json")]),
    tune("shard-1", [...grid(), "--shard", "1/4", "--threads", "1"]),
    tune("shard-2", [...grid(), "--threads", "1", "--shard", "auto/4"], {
      env: { JOB_COMPLETION_INDEX: "1" },
    }),
    tune("shard-3", [...grid(), "--threads", "1", "--shard", "auto"], { env: slurm }),
    tune("shard-4", [...grid(), "--shard", "4/4", "--jobs", "2"]),
  ]);
  const merged = await tune("merged", ["merge", ...shards.map(inFolder)]);
  await sameLeaderboard("one", "merged");

  const board = await json("merged/leaderboard.json");
  expect(board.trials.map(({ trial }: { trial: number }) => trial)).toEqual([
    ...[board.trials[0].trial, board.trials[1].trial],
    // Those that failed come last, by number.
    ...[2, 4],
  ]);
  expect(board.trials[3].reason).toMatch(
    /^seed 1: step \d+: the .+ is (NaN|-?Infinity) in epoch 1$/,
  );
  expect(board.effects[1].choices).toMatchObject([
    { failed: 0 },
    { label: "1e+30", failed: 2, mean: null },
  ]);
  const { winner, ...rest } = await json("one.json");
  expect(rest).toEqual(board);
  expect(winner).toEqual(await json("merged/winner.json"));
  expect(merged.stdout).toContain("on digits (synthetic, drawn by code), mean of 2 seeds");

  // Of the models only the winner's is kept, one for each seed.
  const name = `trial-000${winner.trial}-epochs-2`;
  expect(await readdir(inFolder("one/models"))).toEqual([name]);
  expect(await readdir(inFolder(`merged/models/${name}`))).toEqual(["seed-1", "seed-2"]);
  const model = inFolder(`merged/models/${name}/seed-2`);
  const { stdout } = await hone.run([
    "evaluate",
    "--model",
    model,
    "--dataset",
    "digits",
    "--backend",
    "wasm",
  ]);
  expect(stdout).toContain(`accuracy ${(100 * winner.test.seeds[1].accuracy).toFixed(2)} %`);
});

/** A copy of a shard's folder, changed. */
async function changed(
  name: string,
  file: string,
  change: (text: string) => string,
): Promise<string> {
  const copy = inFolder(`changed-${name}`);
  await cp(inFolder("shard-4"), copy, { recursive: true });
  await writeFile(path.join(copy, file), change(await readFile(path.join(copy, file), "utf8")));
  return copy;
}

test("a merge refuses what does not belong together, and leaves nothing behind", async () => {
  const [one, two, three, four] = shards.map(inFolder) as [string, string, string, string];
  const out = inFolder("never");
  const refuses = (folders: readonly string[], says: RegExp | string) =>
    expect(mergeFolders(folders, out)).rejects.toThrow(says);
  const record = "trials/trial-0004-epochs-2.json";
  const fields: readonly [RegExp, string, string][] = [
    [/"seed": 1,/, '"seed": 2,', "the seed is 1 in"],
    [/"rows": 300/, '"rows": 200', "the number of training images is 300 in"],
    [/"numerics": "[^"]*"/, '"numerics": "js-f32"', "the numerics is wasm"],
    [/"hone": "[^"]*"/, '"hone": "0.0.1"', "the Hone version is"],
    [/"epochs": 2/, '"epochs": 3', "the number of epochs is 2 in"],
    [/1e\+30/, "1", "the search space is"],
    [/"seedsPerTrial": 2/, '"seedsPerTrial": 0.5', '"seedsPerTrial" is 0.5, so this is no search'],
  ];
  for (const [index, [from, to, says]] of fields.entries()) {
    const copy = await changed(`${index}`, "search.json", (text) => {
      expect(text).toMatch(from);
      return text.replace(from, to);
    });
    await refuses([one, two, three, copy], says);
  }
  await refuses([one, two, four], "trial 3 of shard 3/4 is missing");
  await refuses(
    [one],
    "trial 2 of shard 2/4, trial 3 of shard 3/4, trial 4 of shard 4/4 are missing",
  );
  await refuses([one, two, three, four, four], "it was given twice");
  await refuses(
    [one, two, three, four, await changed("copy", record, (text) => text)],
    "trial 4 is in",
  );
  await refuses([one, folder], "there is no search.json in it");
  await refuses(
    [one, two, three, await changed("cut", record, (text) => text.slice(0, 99))],
    "it is cut off",
  );
  const other = await changed("other", record, (text) => text.replace(/24|16/, "99"));
  await refuses([one, two, three, other], "trained with other settings");
  const renamed = await changed("renamed", record, (text) =>
    text.replace('"trial": 4', '"trial": 3'),
  );
  await refuses([one, two, three, renamed], "another trial than its name says");
  await expect(mergeFolders([one, two, three, four], one)).rejects.toThrow(
    "one of the folders to merge",
  );
  const { trial } = (await json("one/winner.json")) as { trial: number };
  const modelless = inFolder("modelless");
  await cp(inFolder(`shard-${trial}`), modelless, { recursive: true });
  await rm(path.join(modelless, "models"), { recursive: true });
  const rest = shards.map(inFolder).filter((shard) => shard !== inFolder(`shard-${trial}`));
  await refuses([...rest, modelless], "the winner's model is not there");
  expect(await readdir(folder)).not.toContain("never");
});

const halving = [
  ...["--model", "mlp", "--search", "halving", "--epochs", "4"],
  ...["--eta", "2", "--bracket-size", "4"],
];

// One process or several is told apart above; the long form does it once more with halving.
if (process.env.HONE_SOAK === "1") {
  test("halving gives the same leaderboard in one process, in two at once, and in shards", async () => {
    await Promise.all([
      tune("halved", [...halving, "--jobs", "2"]),
      tune("half-1", [...halving, "--shard", "1/3"]),
      tune("half-2", [...halving, "--shard", "2/3"]),
    ]);
    // There are two brackets, so a third shard has nothing to do.
    const { stdout } = await tune("half-3", [...halving, "--shard", "3/3"]);
    expect(stdout).toMatch(/^Shard {6}0 trials\./);
    await tune("half", ["merge", ...[1, 2, 3].map((index) => inFolder(`half-${index}`))]);
    await sameLeaderboard("halved", "half");
    const { trials } = await json("half/leaderboard.json");
    expect(trials.map(({ epochs }: { epochs: number }) => epochs)).toEqual([
      4, 4, 2, 2, 1, 1, 1, 1,
    ]);
    const rungs = trials[0].rungs.map(({ epochs }: { epochs: number }) => epochs);
    expect(rungs).toEqual([1, 2]);
  });
}

test("a trial is what hone train makes of its settings", async () => {
  await tune("trial", halving);
  const words = ["train", "--model", "mlp", ...base, "--epochs", "1", "--validation", "0.1"];
  const { code, stderr } = await hone.run([...words, "--json", inFolder("train.json")]);
  expect(code, stderr).toBe(0);
  const [trained] = (await json("train.json")).epochs;
  const { outcome, configuration } = await json("trial/trials/trial-0001-epochs-1.json");
  expect(configuration).toEqual({ units: [128, 64], dropout: 0.5, learningRate: 0.001 });
  expect(trained).toMatchObject(outcome.seeds[0].epochs[0]);
});

const drawn = ["--model", "mlp", "--search", "random", "--trials", "4", "--epochs", "3"];
const linesOf = ({ stderr }: Outcome) => stderr.match(/^tune {2}trial \d+ /gm);

test("Ctrl-C keeps finished trials, and the same command trains only the others", async () => {
  let asked = false;
  const { stderr } = await tune("resumed", drawn, {
    code: 130,
    onOutput: (output, child) => {
      if (asked || !output.includes("trial 2  epochs")) return;
      asked = true;
      child.kill("SIGINT");
    },
  });
  const last = stderr.trim().split("\n").at(-1);
  const kept = (await readdir(inFolder("resumed/trials"))).length;
  expect(kept).toBeGreaterThanOrEqual(2);
  expect(last).toBe(
    `[hone] tune: interrupted. ${kept} finished runs of trials are kept in ${inFolder("resumed")}; the same command goes on from there.`,
  );
  await writeFile(inFolder("resumed/trials/trial-0001-epochs-3.json"), "{");
  const again = await tune("resumed", drawn);
  expect(again.stderr).toMatch(
    /trial-0001-epochs-3\.json: it is cut off.* Its trial is trained again\./,
  );
  expect(linesOf(again)).toHaveLength(5 - kept);
  const third = await tune("resumed", drawn);
  expect(linesOf(third)).toBe(null);
  expect(third.stdout).toMatch(/^Test {7}accuracy .* as tested before$/m);
  const more = await tune(
    "resumed",
    drawn.map((word) => (word === "4" ? "6" : word)),
  );
  expect(linesOf(more)).toHaveLength(2);
  const other = await tune("resumed", [...drawn, "--seed", "2"], { code: 1 });
  expect(other.stderr).toMatch(
    /holds results of another search: the seed is 1 in it and 2 in this search/,
  );
});

test.runIf(process.platform === "linux" && process.env.HONE_SOAK === "1")(
  "a process that is killed is reported, and its trial trained by another",
  async () => {
    let killed = false;
    const words = [...["--model", "mlp", "--epochs", "40"], "--jobs", "2"];
    const watch = setInterval(async () => {
      if (killed || parent === undefined) return;
      const list = await readFile(`/proc/${parent}/task/${parent}/children`, "utf8").catch(
        () => "",
      );
      const worker = Number(list.trim().split(" ")[0]);
      if (killed || !(worker > 0)) return;
      killed = true;
      process.kill(worker, "SIGKILL");
    }, 50);
    let parent: number | undefined;
    try {
      const { stderr } = await tune("killed", words, {
        onStart: ({ pid }) => {
          parent = pid;
        },
      });
      expect(stderr).toMatch(
        /^\[hone\] tune: the process of trial \d was killed \(SIGKILL\)\. It is tried once more\.$/m,
      );
    } finally {
      clearInterval(watch);
    }
    expect(await readdir(inFolder("killed/trials"))).toHaveLength(8);
  },
);
