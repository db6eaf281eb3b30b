import { execFileSync, spawn } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { thisProcess } from "./processes.js";
import { checkFileWritable, checkFolderWritable, checkRoom } from "./writable.js";
import { writeWhole } from "./write-whole.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-output-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const inFolder = (name: string) => path.join(folder, name);
const text = (name: string) => readFile(inFolder(name), "utf8");

test("a file is replaced whole, and nothing else is left in its folder", async () => {
  await writeWhole(path.join(folder, "new/a.txt"), "one");
  await writeWhole(path.join(folder, "new/a.txt"), "two");
  expect(await readdir(path.join(folder, "new"))).toEqual(["a.txt"]);
  expect(await text("new/a.txt")).toBe("two");
});

test("a file that cannot be written leaves what was there, and says why", async () => {
  await mkdir(path.join(folder, "taken/inside"), { recursive: true });
  await expect(writeWhole(path.join(folder, "taken"), "x")).rejects.toThrow(
    /^\[hone\] .*taken: it is a folder\. Give the name of a file\.$/,
  );
  await writeFile(path.join(folder, "file"), "x");
  await expect(writeWhole(path.join(folder, "file/under"), "x")).rejects.toThrow(
    /a part of its path/,
  );
  expect((await readdir(folder)).sort()).toEqual(["file", "taken"]);
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

test("a link stays, and what it leads to is replaced, with its permissions", async () => {
  await writeFile(inFolder("target"), "one");
  await chmod(inFolder("target"), 0o640);
  await symlink("target", inFolder("link"));
  await symlink("not-yet", inFolder("dangling"));
  await writeWhole(inFolder("link"), "two");
  await writeWhole(inFolder("dangling"), "three");
  expect(await readlink(inFolder("link"))).toBe("target");
  expect(await text("target")).toBe("two");
  expect(await text("not-yet")).toBe("three");
  expect((await stat(inFolder("target"))).mode & 0o777).toBe(0o640);
  await symlink("loop", inFolder("loop"));
  await expect(writeWhole(inFolder("loop"), "x")).rejects.toThrow(/leads back to itself/);
});

test("a device is written into and stays what it is; what it refuses is said", async () => {
  await checkFileWritable("/dev/null");
  await writeWhole("/dev/null", "gone");
  expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  await expect(writeWhole("/dev/full", "x")).rejects.toThrow(
    "[hone] /dev/full: it cannot be written: the disk is full. Give another place.",
  );
  await writeWhole("/dev/full", "x", { interim: true });
});

test("a pipe is written into from its check to its end, and one that nobody reads is refused", async () => {
  const pipe = inFolder("pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(checkFileWritable(pipe)).rejects.toThrow(/pipe: .*nobody reads it/);
  const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "ignore"] });
  let read = "";
  reader.stdout.on("data", (data) => {
    read += data;
  });
  const ended = new Promise((resolve) => reader.on("close", resolve));
  await expect
    .poll(() =>
      checkFileWritable(pipe).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  // More than a pipe holds.
  const content = "line\n".repeat(100_000);
  await writeWhole(pipe, "early", { interim: true });
  await writeWhole(pipe, content);
  await ended;
  expect(read).toBe(content);
});

test.runIf(process.platform === "linux")(
  "an open descriptor is written on from where it stands",
  async () => {
    const handle = await open(inFolder("log"), "w");
    await handle.write("before ");
    await writeWhole(`/dev/fd/${handle.fd}`, "after");
    await handle.close();
    expect(await text("log")).toBe("before after");
    await expect(writeWhole("/dev/fd/987", "x")).rejects.toThrow(/descriptor 987 is not open/);
  },
);

test("names that no file can have are refused before the work", async () => {
  await checkFileWritable(inFolder("n".repeat(250)));
  await writeWhole(inFolder("n".repeat(250)), "long");
  expect(await readdir(folder)).toEqual(["n".repeat(250)]);
  for (const name of ["n".repeat(256), `${"n".repeat(300)}/file`]) {
    await expect(checkFileWritable(inFolder(name))).rejects.toThrow(/the name is too long/);
  }
  await expect(checkFolderWritable(inFolder("n".repeat(256)))).rejects.toThrow(/too long/);
  await expect(checkFileWritable(inFolder("new/"))).rejects.toThrow(/like the name of a folder/);
  await symlink("nothing", inFolder("broken"));
  await expect(checkFolderWritable(inFolder("broken/out"))).rejects.toThrow(/it is a link, and/);
});

test("a disk without room is refused with both sizes", async () => {
  await checkRoom(folder, 1000);
  await expect(checkRoom(folder, 1e15)).rejects.toThrow(
    /has room for [\d.]+ MB, and 1000000000\.0 MB will be written/,
  );
});

test("what a killed process left half written is removed, and what a live one writes is not", async () => {
  const partial = (pid: number, system: string) =>
    `.hone-${pid}-${system}-${"0".repeat(32)}.partial`;
  const dead = spawn("true");
  await new Promise((resolve) => dead.on("close", resolve));
  const { system } = thisProcess();
  const names = {
    killed: partial(dead.pid!, system),
    alive: partial(1, system),
    elsewhere: partial(dead.pid!, "00000000"),
    old: partial(1, "00000000"),
  };
  for (const name of Object.values(names)) await writeFile(inFolder(name), "");
  const longAgo = new Date(Date.now() - 86_400_000);
  await utimes(inFolder(names.old), longAgo, longAgo);
  await writeWhole(inFolder("file"), "x");
  const left = [names.alive, names.elsewhere, "file"];
  expect((await readdir(folder)).sort()).toEqual(left.sort());
});
