import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./folder-lock.js";
import { thisProcess } from "./processes.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const claimFile = (digit: string) => path.join(folder, `.hone-lock-${digit.repeat(32)}.json`);

async function claim(digit: string, parts: object): Promise<void> {
  const since = "2024-05-06T07:08:09.000Z";
  const whole = { ...thisProcess(), command: "hone tune", since, ...parts };
  await writeFile(claimFile(digit), JSON.stringify(whole));
}

async function deadPid(): Promise<number> {
  const child = spawn("true");
  await new Promise((resolve) => child.on("close", resolve));
  return child.pid!;
}

test("who comes second is told who has the folder; given back, it is free", async () => {
  const lock = await lockFolder(folder, "hone train");
  await expect(lockFolder(folder, "hone study")).rejects.toThrow(
    new RegExp(
      `hone train works in it, process ${process.pid} on ${os.hostname()} since \\d{4}-.*Z\\.`,
    ),
  );
  await lock.check();
  lock.release();
  expect(await readdir(folder)).toEqual([]);
  (await lockFolder(folder, "hone study")).release();
});

test("of many that come at once no two get the folder", async () => {
  const comers = Array.from({ length: 8 }, () => lockFolder(folder, "hone train"));
  const outcomes = await Promise.allSettled(comers);
  const got = outcomes.filter(({ status }) => status === "fulfilled");
  expect(got.length).toBeLessThanOrEqual(1);
  for (const outcome of outcomes) if (outcome.status === "fulfilled") outcome.value.release();
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that was made for it goes with it when nothing was put there", async () => {
  const lock = await lockFolder(path.join(folder, "a/b"), "hone train");
  lock.release();
  expect(await readdir(folder)).toEqual([]);
  const second = await lockFolder(path.join(folder, "a/b"), "hone train");
  await writeFile(path.join(folder, "a/kept"), "");
  second.release();
  expect(await readdir(path.join(folder, "a"))).toEqual(["kept"]);
});

test("the claim of a process that was killed is void, also when its number was given again", async () => {
  await claim("1", { pid: await deadPid() });
  await claim("2", { pid: process.ppid, started: "1" });
  (await lockFolder(folder, "hone train")).release();
  expect(await readdir(folder)).toEqual([]);
});

test("a claim from another machine holds while it is renewed, and for a minute", async () => {
  await claim("3", { system: "elsewhere", host: "node-7", pid: 5 });
  await expect(lockFolder(folder, "hone train")).rejects.toThrow(
    /hone tune works in it, process 5 on node-7 since 2024-05-06.*its claim ends in a minute/,
  );
  const before = new Date(Date.now() - 61_000);
  await utimes(claimFile("3"), before, before);
  (await lockFolder(folder, "hone train")).release();
});

test("what is no claim is left alone, and takes no folder", async () => {
  await writeFile(claimFile("4"), "{");
  const lock = await lockFolder(folder, "hone train");
  lock.release();
  expect(await readdir(folder)).toEqual([path.basename(claimFile("4"))]);
});

test("a folder that was cleared meanwhile is claimed again, one that was taken over is lost", async () => {
  const lock = await lockFolder(folder, "hone train");
  await rm(folder, { recursive: true });
  await lock.check();
  const [name = ""] = await readdir(folder);
  expect(await readFile(path.join(folder, name), "utf8")).toContain("hone train");
  await rm(path.join(folder, name));
  await claim("5", { pid: process.ppid, started: "" });
  await expect(lock.check()).rejects.toThrow(/hone tune works in it/);
  lock.release();
});
