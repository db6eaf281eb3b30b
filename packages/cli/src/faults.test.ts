/** `hone train` against full disks, odd files and a second of its kind, with real devices and real signals. */
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand, type RunOptions } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-faults-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

const inFolder = (name: string) => path.join(folder, name);
const onDigits = ["--dataset", "digits", "--backend", "wasm", "--limit", "300"];
const train = (...words: string[]) => ["train", "--model", "mlp", ...onDigits, ...words];
const short = (...words: string[]) => train("--epochs", "1", ...words);

async function refused(words: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await hone.run(words, options);
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^\[hone\] (?!internal)[^\n]+\.\n$/);
  return stderr;
}

async function filesIn(place: string): Promise<Record<string, string>> {
  const names = (await readdir(place)).sort();
  const contents = await Promise.all(names.map((name) => readFile(path.join(place, name), "hex")));
  return Object.fromEntries(names.map((name, index) => [name, contents[index] as string]));
}

test("a folder with a run is left as it is, and told of, unless it is to be overwritten", async () => {
  const out = inFolder("again");
  const first = await hone.run(short("--out", out));
  expect(first.code, first.stderr).toBe(0);
  const accuracy = /^Test +accuracy ([\d.]+ %)/m.exec(first.stdout)?.[1];
  const before = await filesIn(out);
  expect(Object.keys(before)).toEqual([
    "MODEL-CARD.md",
    "group1-shard1of1.bin",
    "model.json",
    "report.html",
    "report.txt",
  ]);
  const said = await refused(short("--out", out, "--seed", "2"));
  expect(said).toContain(`again: it holds a run of mlp on digits: accuracy ${accuracy}, loss `);
  expect(said).toContain("Give another --out, or --overwrite to lose that.");
  // Training on from a model into its own folder loses it just as well.
  await refused(["train", "--model", out, ...onDigits, "--epochs", "1", "--out", out]);
  expect(await filesIn(out)).toEqual(before);
  const over = await hone.run(short("--out", out, "--seed", "2", "--overwrite"));
  expect(over.code, over.stderr).toBe(0);
  const after = await filesIn(out);
  expect(after).not.toEqual(before);
  expect(Object.keys(after)).toHaveLength(5);
  expect(await refused(short("--overwrite"))).toContain("--overwrite goes with --out");
});

test("a killed run leaves a whole model, and the next one takes the folder over and clears it", async () => {
  const out = inFolder("killed");
  let asked = false;
  const { code } = await hone.run(train("--epochs", "1000", "--out", out), {
    onOutput: (output, child) => {
      if (asked || !/epoch 2\/1000 {2}loss/.test(output)) return;
      asked = true;
      child.kill("SIGKILL");
    },
  });
  expect(code).toBe(null);
  expect(asked).toBe(true);
  const evaluated = await hone.run(["evaluate", "--model", out, "--dataset", "digits"]);
  expect(evaluated.code, evaluated.stderr).toBe(0);
  expect(await refused(short("--out", out))).toMatch(/of mlp on digits, cut short after epoch \d+/);
  const over = await hone.run(short("--out", out, "--overwrite"));
  expect(over.code, over.stderr).toBe(0);
  expect((await readdir(out)).filter((name) => name.startsWith("."))).toEqual([]);
  expect((await readdir(out)).filter((name) => name.endsWith(".bin"))).toHaveLength(1);
});

test("of two commands in one folder the second is told of the first, which goes on", async () => {
  const out = inFolder("shared");
  let second: Promise<string> | undefined;
  const { code, stderr } = await hone.run(train("--epochs", "1000", "--out", out), {
    onOutput: (output, child) => {
      if (second !== undefined || !/epoch 1\/1000 {2}loss/.test(output)) return;
      second = refused(short("--out", out, "--overwrite")).finally(() => child.kill("SIGHUP"));
      second.catch(() => undefined);
    },
  });
  expect(await second).toMatch(/shared: hone train works in it, process \d+ on .+ since 2/);
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/interrupted after epoch \d+ of 1000\. The model of that epoch is in/);
  expect((await readdir(out)).sort()).toEqual([
    "MODEL-CARD.md",
    expect.stringMatching(/^group\d-shard1of1\.bin$/),
    "model.json",
    "report.html",
    "report.txt",
  ]);
});

test("results that a full disk takes no more are an error, and files are written all the same", async () => {
  const json = inFolder("full.json");
  const full = await hone.run(short("--json", json, "--out", inFolder("full")), {
    stdout: "/dev/full",
  });
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(
    /\n\[hone\] standard output: the results cannot be written there: the disk is full\. Send them elsewhere\.\n$/,
  );
  expect(full.stderr).not.toMatch(/^ +at /m);
  expect(JSON.parse(await readFile(json, "utf8")).steps).toBe(5);
  expect(await readdir(inFolder("full"))).toContain("model.json");
});

test("a log that a full disk takes no more loses nothing else", async () => {
  const out = inFolder("unlogged");
  const { code, stdout } = await hone.run(train("--epochs", "3", "--out", out), {
    stderr: "/dev/full",
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Test +accuracy /m);
  expect(await readFile(path.join(out, "report.txt"), "utf8")).toMatch(/^ +3 +\d/m);
});

test("results go into devices, pipes and links, which stay what they are", async () => {
  await writeFile(inFolder("real.json"), "old");
  await symlink("real.json", inFolder("link.json"));
  const linked = await hone.run(short("--json", inFolder("link.json")));
  expect(linked.code, linked.stderr).toBe(0);
  expect(JSON.parse(await readFile(inFolder("real.json"), "utf8")).model).toBe("mlp");
  const printed = await hone.run(short("--json", "/dev/stdout"));
  expect(printed.code, printed.stderr).toBe(0);
  expect(printed.stdout).toMatch(/^Test +accuracy .*\n\{\n {2}"model": "mlp",.*\nFiles /s);
  const refusedByDevice = await hone.run(short("--json", "/dev/full"));
  expect(refusedByDevice.code).toBe(1);
  expect(refusedByDevice.stderr).toMatch(/\[hone\] \/dev\/full: it cannot be written: the disk/);
  expect(refusedByDevice.stdout).toMatch(/^Test +accuracy /m);
});

test("a disk that fills up in mid-training costs no training, and the end tells what is there", async () => {
  const out = inFolder("filling");
  const json = inFolder("filling.json");
  // A file cannot grow beyond 100 blocks of 1 KB: reports do not, the weights of an mlp do.
  const limited = { fileBlocks: 100 };
  const words = train("--epochs", "2", "--out", out, "--json", json);
  const { code, stdout, stderr } = await hone.run(words, limited);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Test +accuracy /m);
  expect(JSON.parse(await readFile(json, "utf8")).epochs).toHaveLength(2);
  const first =
    /bin: it cannot be written: the file would be larger than is allowed here\. .*; training goes on\.\n/;
  expect(stderr.match(new RegExp(first, "g"))).toHaveLength(1);
  expect(stderr).toMatch(/epoch 2\/2 {2}loss/);
  expect(stderr).toMatch(
    /\[hone\] .*filling: no model is in it, and not that of epoch 2, whose results these are: .*\n$/,
  );
});

const early: [string, () => string[], RegExp][] = [
  ["a name too long", () => short("--json", inFolder("n".repeat(256))), /the name is too long/],
  ["a folder's name too long", () => short("--out", inFolder("n".repeat(256))), /too long/],
  ["a file system without files", () => short("--out", "/proc/hone"), /\/proc\/hone: it cannot be/],
  ["a read-only file system", () => short("--json", "/sys/hone.json"), /cannot be written/],
  ["a device for a folder", () => short("--out", "/dev/null"), /null is a file/],
  ["a pipe nobody reads", () => short("--json", inFolder("pipe")), /nobody reads it/],
  ["a pipe for a model", () => ["train", "--model", inFolder("pipe")], /pipe: it is a pipe/],
  ["a device for a model", () => ["train", "--model", "/dev/zero"], /zero: it is a device/],
  ["a pipe for a space", () => ["tune", "--space", inFolder("pipe"), "--out", "o"], /is a pipe/],
  ["a device for rows", () => ["bench", "--rows", "/dev/zero"], /\/dev\/zero: it is a device/],
  ["pipes for IDX files", () => ["train", "--dataset", inFolder("pipes")], /\(it is a pipe\)/],
  ["a pipe for a data set", () => ["train", "--dataset", inFolder("pipe")], /train-images/],
  ["a data set's name too long", () => ["train", "--dataset", "n".repeat(5000)], /no data set/],
  [
    "a pipe for an image",
    () => ["predict", "--model", inFolder("again"), inFolder("pipe")],
    /it is a pipe/,
  ],
];

test.each(early)("%s is refused before anything runs", async (_, words, says) => {
  await mkdir(inFolder("pipes"), { recursive: true });
  for (const name of ["pipe", "pipes/train-images-idx3-ubyte"]) {
    await rm(inFolder(name), { force: true });
    execFileSync("mkfifo", [inFolder(name)]);
  }
  expect(await refused(words())).toMatch(says);
});

test("a model that the very last step ruins is an error, and the one before is kept", async () => {
  const out = inFolder("ruined");
  // The gradient of the only step is finite; such a step is not.
  const rate = ["--optimizer", "sgd", "--learning-rate", "1e38", "--limit", "32"];
  const words = ["train", "--model", "mlp", "--dataset", "digits", "--backend", "wasm", ...rate];
  const { code, stdout, stderr } = await hone.run([...words, "--epochs", "1", "--out", out]);
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /\[hone\] epoch 1: its last step ruined the model: .*(NaN|Infinity)\. No model was written\. Try a smaller learning rate\.\n$/,
  );
  expect(await readdir(folder)).not.toContain("ruined");
});

test.runIf(process.getuid?.() === 0)(
  "a user without home and without an entry in passwd trains as others do",
  async () => {
    const cwd = inFolder("nobody");
    await chmod(folder, 0o755);
    await mkdir(cwd);
    await chmod(cwd, 0o777);
    const env = { HOME: undefined, XDG_CACHE_HOME: undefined, HONE_DATA: undefined };
    const words = ["train", "--model", "mlp", "--dataset", "digits", "--limit", "64"];
    const { code, stderr } = await hone.run([...words, "--epochs", "1", "--out", "run"], {
      ...{ cwd, env, uid: 54_321 },
    });
    expect(code, stderr).toBe(0);
    const absent = await refused(["train", "--out", "other"], { cwd, env, uid: 54_321 });
    expect(absent).toMatch(/HONE_DATA and HOME are not set, and the system has no entry for this/);
  },
);

// It measures what the machine has three times over.
if (process.env.HONE_SOAK === "1") {
  test("a kept choice of a backend that fits no device here, or is a pipe, is measured anew", async () => {
    const cache = inFolder("cache");
    const words = ["train", "--verbose", "--model", "mlp", "--dataset", "digits", "--limit", "64"];
    const choose = async () => {
      const options = { env: { XDG_CACHE_HOME: cache } };
      const { code, stdout, stderr } = await hone.run([...words, "--epochs", "1"], options);
      expect(code, stderr).toBe(0);
      expect(stdout.replace(/\s+/g, " ")).not.toMatch(/\(measured [^)]+ ago\)/);
    };
    await choose();
    const [name = ""] = await readdir(path.join(cache, "hone/choices"));
    const file = path.join(cache, "hone/choices", name);
    const choice = JSON.parse(await readFile(file, "utf8"));
    const target = { ...choice.target, alignmentBytes: 4096 };
    await writeFile(file, JSON.stringify({ ...choice, target }));
    await choose();
    expect(JSON.parse(await readFile(file, "utf8")).target.alignmentBytes).toBeLessThan(4096);
    await rm(file);
    execFileSync("mkfifo", [file]);
    await choose();
  });
}
