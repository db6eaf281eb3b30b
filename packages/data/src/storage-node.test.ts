import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFolder } from "./storage-node.js";
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
