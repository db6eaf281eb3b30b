import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minifyWorker } from "./minify-worker.mjs";

let folder;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-minify-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a text wanted several times at once is made once, kept, and says the same in fewer bytes", async () => {
  const text = `(() => { const twice = (number) => number * 2; globalThis.given = twice(21); })();`;
  const made = await Promise.all(Array.from({ length: 4 }, () => minifyWorker(text, folder)));
  expect(new Set(made).size).toBe(1);
  expect(made[0].length).toBeLessThan(text.length);
  const scope = {};
  new Function("globalThis", made[0])(scope);
  expect(scope.given).toBe(42);
  expect(await readdir(folder)).toHaveLength(1);
  expect(await minifyWorker(text, folder)).toBe(made[0]);
});
