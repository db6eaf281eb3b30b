/** Long use leaves memory as it was: twenty thousand steps, five hundred sessions. It takes minutes, and is of the long form alone. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleScript } from "./test/build.js";

const isLong = process.env.HONE_SOAK === "1";
const [STEPS, CYCLES] = [20_000, 500];
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const source = fileURLToPath(new URL("./test/endurance-run.mjs", import.meta.url));

let folder: string;
let script: string;
beforeAll(async () => {
  if (!isLong) return;
  folder = await mkdtemp(path.join(repository, "node_modules/.cache/hone-endurance-"));
  script = path.join(folder, "run.mjs");
  await bundleScript(await readFile(source, "utf8"), script);
});
afterAll(async () => {
  if (isLong) await rm(folder, { recursive: true, force: true });
});

const backends = ["wasm", "cpu", ...(process.env.HONE_TEST_BROWSER === "off" ? [] : ["webgpu"])];

test.skipIf(!isLong).each(backends)(
  "%s holds no more memory after long use",
  { timeout: 1_200_000 },
  async (name) => {
    // V8 doubles its young generation when it sees fit, 16 MB that say nothing of what is held.
    const words = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];
    words.push(script, name, `${STEPS}`, `${CYCLES}`);
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const found = JSON.parse(stdout) as Record<string, number>;
    console.info(name, stdout.trim());
    expect(found.afterAll).toBeLessThan(1.05 * (found.afterTenth as number));
    expect(found.cyclesAfterAll).toBeLessThan(1.05 * (found.cyclesAfterFifth as number));
  },
);
