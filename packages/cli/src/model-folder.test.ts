import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkResultsApart, freeStem, removeOrphans, writeModelFiles } from "./model-folder.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-output-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (name: string) => readFile(path.join(folder, name), "utf8");

/** A model of one weight file, as the encoder names things. */
const model = (stem: string, content: string) => ({
  "model.json": bytes(`{"paths":["${stem}-shard1of1.bin"],"is":"${content}"}`),
  [`${stem}-shard1of1.bin`]: bytes(content),
});

test("each model gets weight files of a new name, and those of the model before are removed", async () => {
  await writeFile(path.join(folder, "notes.bin"), "mine");
  const stems: string[] = [];
  for (const content of ["first", "second", "third"]) {
    const stem = await freeStem(folder);
    stems.push(stem);
    await writeModelFiles(folder, model(stem, content));
  }
  expect(stems).toEqual(["group1", "group2", "group1"]);
  expect((await readdir(folder)).sort()).toEqual([
    "group1-shard1of1.bin",
    "model.json",
    "notes.bin",
  ]);
  expect(await text("group1-shard1of1.bin")).toBe("third");
});

test("a model that cannot be written whole leaves the one before, and no file of its own", async () => {
  await writeModelFiles(folder, model("group1", "good"));
  const broken = { ...model("group2", "bad"), ["x".repeat(300)]: bytes("") };
  await expect(writeModelFiles(folder, broken)).rejects.toThrow(/too long/);
  expect((await readdir(folder)).sort()).toEqual(["group1-shard1of1.bin", "model.json"]);
  expect(await text("model.json")).toContain("good");
});

test("results may stand beside the model, but not in its place, by whatever name", async () => {
  await checkResultsApart("run/results.json", "run");
  await checkResultsApart("run.json", "run");
  await checkResultsApart("run/report/model.json", "run");
  for (const taken of ["run", "./run/", "run/model.json", "run/report.html", "run/group1.bin"]) {
    await expect(checkResultsApart(taken, "run")).rejects.toThrow(
      /Give the results another name\.$/,
    );
  }
  await mkdir(path.join(folder, "run"));
  await symlink("run", path.join(folder, "other"));
  const taken = checkResultsApart(path.join(folder, "other/model.json"), path.join(folder, "run"));
  await expect(taken).rejects.toThrow(/the model in .*run needs it/);
});

test("weights that a killed process left are removed, those that any file names are not", async () => {
  await writeModelFiles(folder, model("group1", "good"));
  await writeFile(path.join(folder, "group2-shard1of1.bin"), "left");
  await writeFile(path.join(folder, "group3-shard1of1.bin"), "mine");
  await writeFile(path.join(folder, "mine.json"), '{"paths":["group3-shard1of1.bin"]}');
  await removeOrphans(folder);
  expect((await readdir(folder)).sort()).toEqual([
    "group1-shard1of1.bin",
    "group3-shard1of1.bin",
    "mine.json",
    "model.json",
  ]);
});
