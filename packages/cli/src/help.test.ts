import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "hone-help-"));
  hone = await buildCommand();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await hone?.remove();
});

test("hone alone names three commands to try, which there are", async () => {
  const { code, stdout, stderr } = await hone.run([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n").length).toBeLessThan(12);
  const tries = [...stdout.matchAll(/^ {2}hone (\w+)( --\w+)?/gm)];
  expect(tries).toHaveLength(3);
  for (const [, command = "", option] of tries) {
    const help = await hone.run([command, "--help"]);
    expect(help).toMatchObject({ code: 0 });
    if (option) expect(help.stdout).toContain(option.trim());
  }
});

test("--help and help list the commands; --version is one line", async () => {
  const listed = await hone.run(["--help"]);
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  for (const word of [
    "train",
    "evaluate",
    "predict",
    "backends",
    "bench",
    "data explore",
    "tune",
    "tune merge",
    "study",
    "data fetch",
    "data info",
  ]) {
    expect(listed.stdout).toMatch(new RegExp(`^  ${word} `, "m"));
  }
  expect((await hone.run(["help"])).stdout).toBe(listed.stdout);
  expect((await hone.run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  ["train"],
  ["evaluate"],
  ["predict"],
  ["backends"],
  ["bench"],
  ["tune"],
  ["tune", "merge"],
  ["study"],
  ["data", "explore"],
  ["data", "fetch"],
  ["data", "info"],
  ["start"],
])("hone %s %s --help says how it is used, on lines that fit a terminal", async (...words) => {
  const { code, stdout, stderr } = await hone.run([...words.filter(Boolean), "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`Usage: hone ${words.join(" ")} [options]`);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("backends times those that work, and says of the others what would help", async () => {
  const results = path.join(folder, "backends.json");
  const words = ["backends", "--model", "mlp", "--steps", "500", "--json", results];
  const { code, stdout } = await hone.run(words, { env: { VK_ICD_FILENAMES: "/nowhere" } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^For +train mlp, batch size 64, 500 steps$/m);
  expect(stdout).toMatch(/^(wasm|webgpu|cpu) +chosen +\S.* ms +\S+ ms +\S+ s *$/m);
  expect(stdout).toMatch(/^wasm .*WASM (relaxed )?SIMD, \d+ thread/m);
  if (/^webgpu +refused/m.test(stdout)) expect(stdout).toMatch(/^To use webgpu: .+\.$/m);
  const { candidates, why } = JSON.parse(readFileSync(results, "utf8"));
  expect(candidates.map(({ name }: { name: string }) => name).sort()).toEqual([
    "cpu",
    "wasm",
    "webgpu",
  ]);
  expect(why).toContain("for 500 steps of 64");
});

test("a choice is kept in the user's cache, and training says when it was made", async () => {
  const env = { XDG_CACHE_HOME: folder, VK_ICD_FILENAMES: "/nowhere" };
  const words = [
    "train",
    "--model",
    "mlp",
    "--dataset",
    "digits",
    "--limit",
    "640",
    "--epochs",
    "1",
    "--verbose",
  ];
  const first = await hone.run(words, { env });
  expect(first.stdout).toMatch(/Why +(wasm|cpu|webgpu) .* a step/);
  expect(first.stdout).not.toContain("ago)");
  const again = await hone.run(words, { env });
  expect(again.stdout.replace(/\s+/g, " ")).toMatch(/\(measured \S+ m?s ago\)/);
});

test("data info says what each set is and where it would come from", async () => {
  const { stdout } = await hone.run(["data", "info"], {
    env: { HONE_DATA: "/nowhere", HOME: "/nowhere", XDG_CACHE_HOME: "/nowhere" },
  });
  expect(stdout).toMatch(/^mnist +handwritten digits/m);
  expect(stdout).toMatch(/^mnist +60,000 +10,000 +28×28 +to download \(11\.6 MB\)$/m);
  expect(stdout).toMatch(/^digits +synthetic/m);
  expect(stdout).toMatch(/^digits .*drawn by code$/m);
  for (const line of stdout.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
});
