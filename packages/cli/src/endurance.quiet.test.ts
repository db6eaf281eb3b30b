/** Long use leaves memory as it was: twenty thousand steps, five hundred sessions. The short form only runs the same. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleScript } from "./test/build.js";

const isLong = process.env.HONE_SOAK === "1";
const [STEPS, CYCLES] = isLong ? [20_000, 500] : [2000, 50];
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const source = fileURLToPath(new URL("./test/endurance-run.mjs", import.meta.url));

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(repository, "node_modules/.cache/hone-endurance-"));
  script = path.join(folder, "run.mjs");
  await bundleScript(await readFile(source, "utf8"), script);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const backends = [
  "wasm",
  "cpu",
  ...(isLong && process.env.HONE_TEST_BROWSER !== "off" ? ["webgpu"] : []),
];

test.each(backends)(
  "%s holds no more memory after long use",
  { timeout: 1_200_000 },
  async (name) => {
    const words = ["--expose-gc", script, name, `${STEPS}`, `${CYCLES}`];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const found = JSON.parse(stdout) as Record<string, number>;
    console.info(name, stdout.trim());
    // Over so few steps code that is compiled weighs more than what might leak.
    const most = isLong ? 1.05 : 1.25;
    expect(found.afterAll).toBeLessThan(most * (found.afterTenth as number));
    expect(found.cyclesAfterAll).toBeLessThan(most * (found.cyclesAfterFifth as number));
  },
);
