import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  checkFileWritable,
  checkFolderWritable,
  checkResultsApart,
  freeStem,
  writeModelFiles,
  writeWhole,
} from "./output.js";

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

test("a file is replaced whole, and nothing else is left in its folder", async () => {
  await writeWhole(path.join(folder, "new/a.txt"), "one");
  await writeWhole(path.join(folder, "new/a.txt"), "two");
  expect(await readdir(path.join(folder, "new"))).toEqual(["a.txt"]);
  expect(await text("new/a.txt")).toBe("two");
});

test("a file that cannot be written leaves what was there, and says why", async () => {
  await mkdir(path.join(folder, "taken/inside"), { recursive: true });
  await expect(writeWhole(path.join(folder, "taken"), "x")).rejects.toThrow(
    /^\[hone\] .*taken: it cannot be written: .+\. Give another place\.$/,
  );
  await writeFile(path.join(folder, "file"), "x");
  await expect(writeWhole(path.join(folder, "file/under"), "x")).rejects.toThrow(
    /a part of its path/,
  );
  expect((await readdir(folder)).sort()).toEqual(["file", "taken"]);
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

test("writability is checked without leaving anything behind", async () => {
  await checkFolderWritable(path.join(folder, "not/yet/there"));
  await checkFileWritable(path.join(folder, "not/yet.json"));
  expect(await readdir(folder)).toEqual([]);
  await expect(checkFileWritable(folder)).rejects.toThrow(/it is a folder/);
  await writeFile(path.join(folder, "file"), "");
  await expect(checkFolderWritable(path.join(folder, "file/out"))).rejects.toThrow(
    /file is a file/,
  );
  await expect(checkFolderWritable(path.join(folder, "file"))).rejects.toThrow(/file is a file/);
  await expect(checkFileWritable("/proc/nobody.json")).rejects.toThrow(/cannot be written/);
});

test("results may stand beside the model, but not in its place", () => {
  checkResultsApart("run/results.json", "run");
  checkResultsApart("run.json", "run");
  checkResultsApart("run/report/model.json", "run");
  for (const taken of ["run", "./run/", "run/model.json", "run/report.html", "run/group1.bin"]) {
    expect(() => checkResultsApart(taken, "run")).toThrow(/Give the results another name\.$/);
  }
});
