import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { nodeFolder, userCacheFolder } from "./storage-node.js";
import { filesBelow, temporaryFolder, writeFiles } from "./test/small-set.js";

test("an abort in the middle of writing leaves neither the file nor a part of it", async () => {
  const root = await temporaryFolder();
  const folder = nodeFolder(root, "cache", "the cache");
  const stop = new AbortController();
  const written = folder.write("set/file", new Uint8Array(50_000_000), stop.signal);
  await expect.poll(() => filesBelow(root), { interval: 1 }).toHaveLength(1);
  stop.abort();
  await expect(written).rejects.toThrow();
  expect(await filesBelow(root)).toEqual([]);
});

test("a write that fails names the file and leaves what was there", async () => {
  const root = await temporaryFolder();
  await writeFiles(root, { "taken/file": Uint8Array.of(1) });
  const folder = nodeFolder(root, "cache", "the cache");
  const failed = folder.write("taken", Uint8Array.of(2));
  await expect(failed).rejects.toMatchObject({
    kind: "BadData",
    message: expect.stringMatching(`^\\[hone\\] ${join(root, "taken")}: it cannot be written`),
  });
  expect(await filesBelow(root)).toEqual(["file"]);
});

test("what a killed process left long ago is removed when a file is written, and nothing else", async () => {
  const root = await temporaryFolder();
  const left = "file.1-00000000-0000-4000-8000-000000000000.partial";
  const fresh = "file.1-00000000-0000-4000-8000-000000000001.partial";
  await writeFiles(root, {
    [left]: Uint8Array.of(1),
    [fresh]: Uint8Array.of(1),
    "notes.partial": Uint8Array.of(1),
  });
  const longAgo = new Date(Date.now() - 86_400_000);
  await utimes(join(root, left), longAgo, longAgo);
  await utimes(join(root, "notes.partial"), longAgo, longAgo);
  await nodeFolder(root, "cache", "the cache").write("file", Uint8Array.of(2));
  expect(await filesBelow(root)).toEqual(["file", fresh, "notes.partial"].sort());
});

test("the cache has no place where neither the environment nor the system tells a home folder", () => {
  vi.stubEnv("HOME", "");
  vi.stubEnv("XDG_CACHE_HOME", "relative");
  vi.stubEnv("LOCALAPPDATA", "");
  expect(userCacheFolder()).toBeUndefined();
  vi.stubEnv("XDG_CACHE_HOME", "/caches");
  vi.stubEnv("LOCALAPPDATA", "/caches");
  expect(userCacheFolder()).toBe(process.platform === "darwin" ? undefined : "/caches/hone");
  vi.unstubAllEnvs();
});
