import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { rowTitle } from "@hone/bench";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDistinct, rowsOfChoices, rowsOfFile } from "./row-list.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-rows-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const choices = {
  models: ["cnn", "mlp"],
  backends: ["wasm", "cpu"],
  batchSizes: [64],
  modes: ["train", "predict"],
  latency: false,
  dataset: "digits",
} as const;

test("options give all combinations, with a row for each count of wasm's threads", async () => {
  const rows = await rowsOfChoices({ ...choices, models: ["cnn"], threads: [1, 2] });
  expect(rows.map(rowTitle)).toEqual([
    "train cnn on wasm, batch 64, 1 thread",
    "train cnn on wasm, batch 64, 2 threads",
    "train cnn on cpu, batch 64",
    "predict cnn on wasm, batch 64, 1 thread",
    "predict cnn on wasm, batch 64, 2 threads",
    "predict cnn on cpu, batch 64",
  ]);
});

test("latency is a variant of predictions alone", async () => {
  const rows = await rowsOfChoices({ ...choices, models: ["cnn"], latency: true });
  expect(rows.map(({ mode, variant }) => [mode, variant])).toEqual([
    ["train", undefined],
    ["train", undefined],
    ["predict", "latency"],
    ["predict", "latency"],
  ]);
});

test("a row that is there twice is refused, and an adapter is called by its file", async () => {
  const file = path.join(folder, "mine.mjs");
  await writeFile(file, "export default {};");
  const backends = [file, "wasm"];
  const rows = await rowsOfChoices({ ...choices, models: ["mlp"], modes: ["train"], backends });
  expect(rows.map(({ engine }) => engine)).toEqual(["mine", "wasm"]);
  expect(() => checkDistinct(rows)).not.toThrow();
  expect(() => checkDistinct([...rows, ...rows])).toThrow(/"train mlp on mine, .*" is there twice/);
});

test.each([
  ["no list", {}, /holds no list of rows/],
  ["an empty list", [], /holds no list of rows/],
  ["a row without a mode", [{ backend: "wasm", model: "mlp", batchSize: 1 }], /row 0 .*Give model/],
  [
    "a limit that is none",
    [{ backend: "wasm", model: "mlp", mode: "train", batchSize: 1, limit: 1e308 }],
    /row 0 has "limit": 1e\+308\. Give a whole number of at least 1\./,
  ],
  [
    "surroundings of another kind",
    [{ engine: "mine", command: ["x"], model: "mlp", mode: "train", batchSize: 1, env: { A: 1 } }],
    /row 0 has "env": \{"A":1\}\. Give an object of texts\./,
  ],
  ["a batch of none", [{ backend: "wasm", model: "mlp", mode: "train", batchSize: 0 }], /row 0/],
  [
    "a row of nobody",
    [{ engine: "mine", model: "mlp", mode: "train", batchSize: 1 }],
    /row 0 .*Give backend, or engine and command/,
  ],
  [
    "an unknown backend",
    [{ backend: "wsam", model: "mlp", mode: "train", batchSize: 1 }],
    /'wsam'\. Did you mean 'wasm'/,
  ],
])("a file with %s is refused in words", async (_title, content, says) => {
  const file = path.join(folder, "rows.json");
  await writeFile(file, JSON.stringify(content));
  await expect(rowsOfFile(file, "digits")).rejects.toThrow(says);
});
