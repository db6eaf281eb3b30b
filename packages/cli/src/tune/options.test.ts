import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseCommandLine } from "../arguments.js";
import { tuneCommand } from "../commands/tune.js";
import { readRequest } from "./options.js";

let folder = "";
const inFolder = (name: string) => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-tune-options-"));
  const write = (name: string, text: string) => writeFile(inFolder(name), text);
  await write("good.json", '{"model":"mlp","parameters":{"dropout":{"from":0,"to":0.5}}}');
  await write("bad.json", '{"model":"mlp","parameters":{"unit":[[1,1]]}}');
  await write("large.json", " ".repeat(2 ** 20 + 1));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const request = (...words: string[]) =>
  readRequest(parseCommandLine(tuneCommand, [...words, "--out", "out"]));

test("without options the published grid of the cnn is searched as the study did", async () => {
  const { configurations, extent, ...rest } = await request();
  expect(configurations).toHaveLength(16);
  expect(extent).toEqual({ search: "grid", trials: 16, epochs: 10, eta: null, bracketSize: null });
  expect(rest).toMatchObject({
    dataset: "mnist",
    validation: 0.1,
    batchSize: 64,
    seed: 1,
    jobs: 1,
  });
});

test("brackets are as large as leave one trial for the last rung, unless told", async () => {
  const halving = ["--search", "halving"];
  expect((await request(...halving)).extent).toMatchObject({ eta: 3, bracketSize: 9, trials: 16 });
  expect((await request(...halving, "--eta", "2")).extent).toMatchObject({ bracketSize: 8 });
  const drawn = [...halving, "--space", inFolder("good.json"), "--trials", "20"];
  expect(await request(...drawn, "--bracket-size", "5")).toMatchObject({
    candidates: "drawn",
    extent: { trials: 20, bracketSize: 5 },
  });
});

const cases: readonly [words: () => readonly string[], says: RegExp][] = [
  [
    () => ["--space", inFolder("bad.json")],
    /bad\.json: mlp has no parameter "unit"\. Did you mean "units"\?/,
  ],
  [() => ["--space", inFolder("none.json")], /none\.json: there is no such file/],
  [() => ["--space", inFolder("large.json")], /large\.json: it has 1048577 bytes/],
  [() => ["--space", folder], /it is a folder/],
  [() => ["--space", inFolder("good.json")], /good\.json: "dropout" is a range/],
  [() => ["--space", inFolder("good.json"), "--model", "cnn"], /--model asks for cnn/],
  [() => ["--model", "cnn-tuned"], /--model is 'cnn-tuned'/],
  [() => ["--search", "random"], /--trials is missing/],
  [() => ["--search", "random", "--trials", "17"], /16 points, and --trials asks for 17/],
  [() => ["--trials", "3"], /--trials goes with --search random or halving/],
  [() => ["--bracket-size", "3"], /--bracket-size goes with --search halving/],
  [() => ["--search", "halving", "--eta", "1"], /--eta is '1'/],
  [() => ["--validation", "0"], /--validation is '0'/],
  [() => ["--seed", "4294967295", "--seeds-per-trial", "2"], /go beyond 4294967295/],
  [() => ["--shard", "3/2"], /--shard is '3\/2'/],
];

test.each(cases)("case %# is refused before anything runs", async (words, says) => {
  await expect(request(...words())).rejects.toThrow(says);
});

test("a search without a place for its results is refused", async () => {
  await expect(readRequest(parseCommandLine(tuneCommand, []))).rejects.toThrow(/--out is missing/);
});
