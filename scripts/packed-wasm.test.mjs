/** Packed builds as they are read again: packages/wasm/src/kernel-files.test.ts. Here, what packing costs. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { compileWasm } from "./bundle-plugin.mjs";
import { packWasm } from "./packed-wasm.mjs";
import { packedBuilds } from "./wasm-builds.mjs";

test("all builds as one text travel in a seventh more than one of them as a file", async () => {
  const builds = await Promise.all(packedBuilds.map(compileWasm));
  const bytes = builds.map((build) => build.bytes);
  const text = packWasm(bytes);
  expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/);
  const ratio = gzipSync(text, { level: 9 }).length / gzipSync(bytes[0], { level: 9 }).length;
  expect(ratio).toBeLessThan(8 / 7);
  expect(ratio).toBeGreaterThan(1);
});
