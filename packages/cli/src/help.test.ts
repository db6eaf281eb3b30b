import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
beforeAll(async () => {
  hone = await buildCommand();
});
afterAll(() => hone?.remove());

test("hone alone, --help and help list the commands; --version is one line", async () => {
  const alone = await hone.run([]);
  expect(alone).toMatchObject({ code: 0, stderr: "" });
  for (const word of [
    "train",
    "evaluate",
    "predict",
    "backends",
    "bench",
    "data explore",
    "tune",
    "tune merge",
    "data fetch",
    "data info",
  ]) {
    expect(alone.stdout).toMatch(new RegExp(`^  ${word} `, "m"));
  }
  expect((await hone.run(["--help"])).stdout).toBe(alone.stdout);
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
  ["data", "fetch"],
  ["data", "info"],
  ["start"],
])("hone %s %s --help says how it is used, on lines that fit a terminal", async (...words) => {
  const { code, stdout, stderr } = await hone.run([...words.filter(Boolean), "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`Usage: hone ${words.join(" ")} [options]`);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(90);
});

test("backends tells of each one whether it works, and of those that do not what would help", async () => {
  const { code, stdout } = await hone.run(["backends"], { env: { VK_ICD_FILENAMES: "/nowhere" } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^wasm +yes +WASM (relaxed )?SIMD, \d+ thread/m);
  expect(stdout).toMatch(/^cpu +yes +/m);
  expect(stdout).toMatch(/^webgpu +(yes|no) +/m);
  if (/^webgpu +no/m.test(stdout)) expect(stdout).toMatch(/^To use webgpu: .+\.$/m);
});

test("data info says what each set is and where it would come from", async () => {
  const { stdout } = await hone.run(["data", "info"], {
    env: { HONE_DATA: "/nowhere", HOME: "/nowhere", XDG_CACHE_HOME: "/nowhere" },
  });
  expect(stdout).toMatch(
    /^mnist +handwritten digits.* 60,000 +10,000 +28×28 +to download \(11\.6 MB\)$/m,
  );
  expect(stdout).toMatch(/^digits +synthetic.*drawn by code$/m);
});
