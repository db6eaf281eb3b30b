/** Packed builds as they are read again: packages/wasm/src/kernel-files.test.ts. Here, what packing costs. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { compileWasm } from "./bundle-plugin.mjs";
import { packWasm } from "./packed-wasm.mjs";
import { packedFamilies, wasmBuilds } from "./wasm-builds.mjs";

test("all builds as one text travel in a seventh more than one of them as files", async () => {
  expect(packedFamilies.flatMap((name) => [`${name}-plain`, `${name}-relaxed`]).sort()).toEqual(
    Object.keys(wasmBuilds).sort(),
  );
  const joined = async (build) => {
    const builds = packedFamilies.map((family) => compileWasm(`${family}-${build}`));
    return Buffer.concat((await Promise.all(builds)).map(({ bytes }) => bytes));
  };
  const plain = await joined("plain");
  const text = packWasm([plain, await joined("relaxed")]);
  expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/);
  const ratio = gzipSync(text, { level: 9 }).length / gzipSync(plain, { level: 9 }).length;
  expect(ratio).toBeLessThan(8 / 7);
  expect(ratio).toBeGreaterThan(1);
});
