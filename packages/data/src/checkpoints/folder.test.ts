import { execFileSync } from "node:child_process";
import {
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { decodeCheckpoint } from "@hone/core/io";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test/small-set.js";
import { checkpointFolder } from "./folder.js";
import { nameFor } from "./place.js";
import { checkpointOf } from "./test/example.js";
import { startProcess } from "./test/processes.js";

const stepsIn = async (folder: string) =>
  (await readdir(folder)).sort().map((name) => Number(/-step-(\d+)-/.exec(name)?.[1]));

/** A folder that holds checkpoints of these steps. */
async function folderWith(...steps: readonly number[]) {
  const folder = await temporaryFolder();
  const store = checkpointFolder(folder);
  for (const step of steps) await store.save(checkpointOf(step));
  const files = (await readdir(folder)).sort().map((name) => join(folder, name));
  return { folder, store, files };
}

test("the last checkpoints are kept, and the newest is given back as it was saved", async () => {
  const folder = join(await temporaryFolder(), "not/there/yet");
  const store = checkpointFolder(folder);
  expect(await store.latest()).toBeUndefined();
  for (const step of [10, 20, 30, 40, 5]) await store.save(checkpointOf(step));
  expect(await stepsIn(folder)).toEqual([30, 40, 5]);
  const latest = await checkpointFolder(folder).latest();
  expect(latest).toEqual({
    checkpoint: checkpointOf(5),
    file: expect.stringMatching(/checkpoint-000000005-step-5-[0-9a-f]{32}\.safetensors$/),
    skipped: [],
  });
  const bytes = Uint8Array.from(await readFile(latest!.file));
  expect(await decodeCheckpoint(bytes)).toEqual(latest!.checkpoint);
  await store.clear();
  expect(await readdir(folder)).toEqual([]);
  expect(await store.latest()).toBeUndefined();
});

test("other files in the folder are left alone, and saves of one store wait for each other", async () => {
  const folder = await temporaryFolder();
  const others = [
    "notes.txt",
    "checkpoint-1.safetensors",
    "checkpoint-000000001-step-1-x.safetensors",
  ];
  for (const name of others) await writeFile(join(folder, name), "");
  const store = checkpointFolder(folder, { keep: 2 });
  await Promise.all([1, 2, 3, 4].map((step) => store.save(checkpointOf(step))));
  const names = (await readdir(folder)).filter((name) => !others.includes(name)).sort();
  expect(names.map((name) => name.slice(0, 28))).toEqual([
    "checkpoint-000000003-step-3-",
    "checkpoint-000000004-step-4-",
  ]);
  await store.clear();
  expect((await readdir(folder)).sort()).toEqual([...others].sort());
});

test("wrong settings are refused before anything is done", () => {
  expect(() => checkpointFolder("")).toThrow('[hone] checkpointFolder: "" is no folder.');
  expect(() => checkpointFolder(undefined as never)).toThrow(/undefined is no folder/);
  for (const keep of [0, -1, 1.5, Number.NaN, "3" as never])
    expect(() => checkpointFolder("x", { keep })).toThrow(/^\[hone\] checkpointFolder: keep is /);
});

describe("a damaged checkpoint is passed over for the one before it, and the warning says so:", () => {
  test("cut at 200 places", async () => {
    const { store, files } = await folderWith(1, 2);
    const [older, newer] = files as [string, string];
    const whole = await readFile(newer);
    for (let cut = 0; cut < 200; cut++) {
      await writeFile(newer, whole.subarray(0, Math.floor((cut * whole.length) / 200)));
      const found = await store.latest();
      expect(found).toMatchObject({ file: older, checkpoint: checkpointOf(1) });
      expect(found?.skipped).toEqual([
        { file: newer, reason: expect.stringContaining("cut short") },
      ]);
      expect(found?.warning).toMatch(
        /is passed over: .*it is cut short.* is used, after step 1\.$/,
      );
      expect(found?.warning).not.toMatch(/\n/);
    }
    await writeFile(newer, whole);
    expect(await store.latest()).toMatchObject({ file: newer, skipped: [] });
  });

  test("a bit turned over at 200 places", async () => {
    const { store, files } = await folderWith(1, 2);
    const [older, newer] = files as [string, string];
    const whole = await readFile(newer);
    for (let place = 0; place < 200; place++) {
      const damaged = Uint8Array.from(whole);
      damaged[Math.floor((place * whole.length) / 200)]! ^= 1 << ((place * 3) % 8);
      await writeFile(newer, damaged);
      expect(await store.latest(), `${place}`).toMatchObject({ file: older });
    }
  });

  test("two of three", async () => {
    const { store, files } = await folderWith(1, 2, 3);
    await truncate(files[1]!, 100);
    await truncate(files[2]!, 3);
    const found = await store.latest();
    expect(found).toMatchObject({ file: files[0], checkpoint: { step: 1 } });
    expect(found?.skipped.map(({ file }) => file)).toEqual([files[2], files[1]]);
  });

  test("all of them are refused, and named", async () => {
    const { folder, store, files } = await folderWith(1, 2);
    for (const file of files) await truncate(file, 40);
    await expect(store.latest()).rejects.toMatchObject({
      kind: "BadModelFile",
      message: expect.stringMatching(
        `^\\[hone\\] ${folder}: no checkpoint in it is whole, of 2\\. checkpoint-000000002`,
      ),
    });
    await store.save(checkpointOf(3));
    expect(await store.latest()).toMatchObject({ checkpoint: { step: 3 }, skipped: [] });
  });
});

test("links and special files under a checkpoint's name are neither read nor written nor counted", async () => {
  const { folder, store, files } = await folderWith(1, 2);
  const elsewhere = await folderWith(9);
  const target = elsewhere.files[0]!;
  const before = await readFile(target);
  const odd = [nameFor(7, 7), nameFor(8, 8), nameFor(9, 9), nameFor(10, 10)];
  const [link, endless, pipe, inner] = odd.map((name) => join(folder, name)) as [
    string,
    ...string[],
  ];
  await symlink(target, link);
  await symlink("/dev/zero", endless!);
  execFileSync("mkfifo", [pipe!]);
  await mkdir(inner!);
  const found = await store.latest();
  expect(found).toMatchObject({ file: files[1] });
  expect(found?.skipped.map(({ reason }) => reason)).toEqual(
    Array(4).fill("it is a link or a special file. Put the file itself there."),
  );
  for (const step of [3, 4, 5, 6]) await store.save(checkpointOf(step));
  expect(await stepsIn(folder)).toEqual([7, 8, 9, 10, 4, 5, 6]);
  expect(await store.latest()).toMatchObject({ checkpoint: { step: 6 }, skipped: [] });
  await store.clear();
  expect((await readdir(folder)).sort()).toEqual([...odd].sort());
  expect(await readFile(target)).toEqual(before);
});

test("what is no folder is refused by its path, to read and to write", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "file");
  await writeFile(file, "text");
  for (const path of [file, join(file, "below")]) {
    const store = checkpointFolder(path);
    await expect(store.save(checkpointOf(1))).rejects.toMatchObject({
      kind: "BadData",
      message: expect.stringMatching(`^\\[hone\\] ${path}.*it cannot be `),
    });
    await expect(store.latest()).rejects.toMatchObject({ kind: "BadData" });
  }
  expect(await readFile(file, "utf8")).toBe("text");
  await symlink(join(folder, "nowhere"), join(folder, "dangling"));
  const dangling = checkpointFolder(join(folder, "dangling"));
  await expect(dangling.save(checkpointOf(1))).rejects.toMatchObject({ kind: "BadData" });
});

test("a folder that was removed in mid-training is made again", async () => {
  const { folder, store } = await folderWith(1);
  await rm(folder, { recursive: true });
  expect(await store.latest()).toBeUndefined();
  await store.save(checkpointOf(2));
  expect(await stepsIn(folder)).toEqual([2]);
});

test("what a dead writer left is removed, and what a live one writes is not", async () => {
  const { folder, store } = await folderWith(1);
  const { child, ended } = startProcess([process.execPath, "-e", ""]);
  await ended;
  const host = hostname().replace(/\W/g, "").slice(0, 40);
  const partial = (writer: string, pid: number) =>
    `.checkpoint-${"0".repeat(32)}.${writer}.${pid}.partial`;
  const dead = partial(host, child.pid as number);
  const alive = partial(host, process.ppid);
  const foreign = partial("elsewhere", child.pid as number);
  const forgotten = partial("forgotten", 1);
  for (const name of [dead, alive, foreign, forgotten]) await writeFile(join(folder, name), "part");
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(folder, forgotten), longAgo, longAgo);
  await store.save(checkpointOf(2));
  const left = (await readdir(folder)).filter((name) => name.startsWith("."));
  expect(left.sort()).toEqual([alive, foreign].sort());
});
