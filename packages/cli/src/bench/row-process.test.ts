import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isRunning, thisProcess } from "../files/processes.js";
import { bundleScript } from "../test/build.js";
import { BenchGuard } from "./guard.js";
import { runRowProcess } from "./row-process.js";

const { signal } = new AbortController();

const run = (code: string, options: Partial<Parameters<typeof runRowProcess>[0]> = {}) =>
  runRowProcess({
    command: [process.execPath, "-e", code],
    silenceMs: 20_000,
    signal,
    onProgress: () => undefined,
    ...options,
  });

test("the last object a process prints is its answer, and progress is passed on", async () => {
  const told: string[] = [];
  const code = `
    console.log('{"progress":"one"}'); console.log("chatter"); console.log('{"row":{"a":1}}');
    console.log('{"progress":"two"}'); process.stdout.write('{"row":{"a":2}}')`;
  const found = await run(code, { onProgress: (text) => told.push(text) });
  expect(found).toEqual({ row: { a: 2 } });
  expect(told).toEqual(["one", "two"]);
});

test("a process that crashes, dies of a signal or cannot start is a row that failed, with its last words", async () => {
  const { reason: thrown } = (await run('throw new Error("no kernel")')) as { reason: string };
  expect(thrown).toBe("its process ended with code 1: Error: no kernel");
  const killed = await run('process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 9000)');
  expect(killed).toEqual({ outcome: "failed", reason: "its process ended with SIGSEGV" });
  const absent = await run("", { command: ["/no/such/program"] });
  expect(absent).toMatchObject({
    outcome: "failed",
    reason: expect.stringMatching(/^\/no\/such\/program does not start: .*ENOENT/),
  });
});

test("a process that falls silent in an endless loop is ended", async () => {
  const code = 'console.log("{\\"progress\\":\\"begun\\"}"); for (;;);';
  const found = await run(code, { silenceMs: 700 });
  expect(found).toEqual({
    outcome: "failed",
    reason: "it said nothing for 0.7 s, and was ended",
  });
});

test("an abort ends the process and what it started, and is thrown", async () => {
  const controller = new AbortController();
  let pid = 0;
  const code = `
    const { spawn } = require("node:child_process");
    const inner = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
    console.log(JSON.stringify({ progress: String(inner.pid) })); setInterval(() => {}, 1000)`;
  const running = run(code, {
    signal: controller.signal,
    onProgress: (text) => {
      pid = Number(text);
      controller.abort(new Error("enough"));
    },
  });
  await expect(running).rejects.toThrow("enough");
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

test("a benchmark that is killed leaves no process and no folder behind, not even a busy one", async () => {
  const parent = await mkdtemp(path.join(os.tmpdir(), "hone-guard-"));
  const outfile = path.join(parent, "bench.mjs");
  const [guard, row] = ["guard.ts", "row-process.ts"].map((name) =>
    JSON.stringify(fileURLToPath(new URL(name, import.meta.url))),
  );
  const busy = "console.log(JSON.stringify({ progress: String(process.pid) })); for (;;);";
  await bundleScript(
    `import { BenchGuard } from ${guard};
    import { runRowProcess } from ${row};
    const guard = await BenchGuard.open(${JSON.stringify(parent)});
    await runRowProcess({ command: [process.execPath, "-e", ${JSON.stringify(busy)}], silenceMs: 1e6,
      signal: new AbortController().signal, onProgress: (pid) => console.log(guard.folder, pid), guard });`,
    outfile,
  );
  const bench = spawn(process.execPath, [outfile], { stdio: ["ignore", "pipe", "inherit"] });
  const [data] = (await once(bench.stdout, "data")) as [Buffer];
  const [place = "", pid = ""] = data.toString().trim().split(" ");
  expect(existsSync(place)).toBe(true);
  expect(isRunning(Number(pid))).toBe(true);
  bench.kill("SIGKILL");
  await expect.poll(() => isRunning(Number(pid)), { timeout: 10_000 }).toBe(false);
  await expect.poll(() => existsSync(place), { timeout: 10_000 }).toBe(false);
  await rm(parent, { recursive: true });
});

test("the folder of a benchmark that died with its guard goes with the next, that of a live one stays", async () => {
  const parent = await mkdtemp(path.join(os.tmpdir(), "hone-guard-"));
  const dead = spawn("true");
  await once(dead, "close");
  for (const [name, pid] of Object.entries({ dead: dead.pid, alive: process.ppid })) {
    await mkdir(path.join(parent, `hone-bench-${name}`));
    const owner = JSON.stringify({ ...thisProcess(), pid, started: "" });
    await writeFile(path.join(parent, `hone-bench-${name}/owner.json`), owner);
  }
  const guard = await BenchGuard.open(parent);
  const own = path.basename(guard.folder);
  expect((await readdir(parent)).sort()).toEqual([own, "hone-bench-alive"].sort());
  guard.close();
  await expect.poll(() => readdir(parent)).toEqual(["hone-bench-alive"]);
  await rm(parent, { recursive: true });
  await expect(BenchGuard.open("/proc")).rejects.toThrow(/^\[hone\] \/proc: it cannot be written/);
});
