import process from "node:process";
import { expect, test } from "vitest";
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
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
