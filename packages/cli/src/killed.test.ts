/**
 * `kill -9` at random moments of a checkpointed run, then resume: what it comes to at last is what a run comes to that is
 * left in peace, bit for bit, with another number of threads each time, and for a program too.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleScript } from "./test/build.js";

const isLong = process.env.HONE_SOAK === "1";
const KILLS = isLong ? 30 : 1;
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const source = fileURLToPath(new URL("./test/killed-run.mjs", import.meta.url));

let folder: string;
let script: string;
beforeAll(async () => {
  // Inside of node_modules, so that packages from outside resolve.
  folder = await mkdtemp(path.join(repository, "node_modules/.cache/hone-killed-"));
  script = path.join(folder, "run.mjs");
  await bundleScript(await readFile(source, "utf8"), script);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  /** Undefined for a run that was killed. */
  readonly result: unknown;
  /** Milliseconds from the first step on. */
  readonly trainedMs: number;
}

/** @param killAfterMs milliseconds after the first step */
function run(what: string, backend: string, store: string, killAfterMs?: number): Promise<Ended> {
  const child = spawn(process.execPath, [script, what, backend, store], { stdio: "pipe" });
  let [stdout, stderr] = ["", ""];
  let begunMs = Number.NaN;
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
    if (!Number.isNaN(begunMs) || !stderr.includes("begun")) return;
    begunMs = performance.now();
    if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const trainedMs = performance.now() - begunMs;
      if (signal === "SIGKILL") resolve({ result: undefined, trainedMs });
      else if (code === 0) resolve({ result: JSON.parse(stdout), trainedMs });
      else reject(new Error(stderr));
    });
  });
}

describe.each([
  ["cnn", ["wasm:2", "wasm:1"]],
  ...(isLong
    ? ([
        ["gan", ["wasm:1", "wasm:2"]],
        ["cnn", ["cpu"]],
      ] as const)
    : []),
  ...(isLong && process.env.VK_ICD_FILENAMES
    ? ([
        ["cnn", ["webgpu"]],
        ["gan", ["webgpu"]],
      ] as const)
    : []),
] as const)("a %s on %s", (what, backends) => {
  test(`that is killed ${KILLS} times comes to the same bits`, {
    timeout: KILLS * 60_000,
  }, async () => {
    const name = `${what}-${backends[0]}`.replace(":", "-");
    const backend = (index: number) => backends[index % backends.length] as string;
    const expected = await run(what, backend(0), path.join(folder, `${name}-peace`));
    for (let [kills, stores] = [0, 0]; kills < KILLS; stores++) {
      const store = path.join(folder, `${name}-${stores}`);
      for (;;) {
        const isKilled = kills < KILLS;
        const moment = isKilled ? Math.random() * expected.trainedMs : undefined;
        const { result } = await run(what, backend(kills), store, moment);
        if (result === undefined) kills++;
        else {
          expect(result).toEqual(expected.result);
          break;
        }
      }
    }
  });
});
