import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OFFICIAL_SETS, type OfficialFile, type OfficialSet } from "./catalog.js";
import { idxFolder, listDatasets, openDataset } from "./index.js";
import { openOfficial } from "./official.js";
import type { SentSet } from "./test/blocked-page.js";
import blockedPage from "./test/blocked-page.ts?worker-text";
import { inSandbox } from "./test/sandbox.js";

const CACHE = "hone-data-1";
const LABELS = "train-labels-idx1-ubyte.gz";
const MIRROR = "https://mirror.test/";

const files = new Map<string, Uint8Array<ArrayBuffer>>();
let set: OfficialSet;
let asked: string[];

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function idx(shape: readonly number[], data: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    0,
    0,
    8,
    shape.length,
    ...shape.flatMap((size) => [0, 0, 0, size]),
    ...data,
  ]);
}

async function file(name: string, content: Uint8Array<ArrayBuffer>): Promise<OfficialFile> {
  const bytes = await gzip(content);
  files.set(name, bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name, bytes: bytes.length, sha256 };
}

beforeEach(async () => {
  await caches.delete(CACHE);
  set = {
    ...OFFICIAL_SETS.mnist,
    train: {
      rows: 2,
      images: await file("train-images-idx3-ubyte.gz", idx([2, 1, 2], [1, 2, 3, 4])),
      labels: await file(LABELS, idx([2], [7, 8])),
    },
    test: {
      rows: 1,
      images: await file("t10k-images-idx3-ubyte.gz", idx([1, 1, 2], [5, 6])),
      labels: await file("t10k-labels-idx1-ubyte.gz", idx([1], [8])),
    },
    mirrors: [MIRROR],
  };
  asked = [];
  vi.stubGlobal("fetch", async (address: string) => {
    asked.push(address);
    const bytes = files.get(address.split("/").at(-1) as string);
    return bytes === undefined ? new Response(null, { status: 404 }) : new Response(bytes);
  });
});
afterEach(() => vi.unstubAllGlobals());

test("in a page a set is downloaded once and kept in the Cache API", async () => {
  const { train } = await openOfficial(set);
  expect([...train.columns.y.data]).toEqual([7, 8]);
  expect(asked).toHaveLength(4);
  const again = await openOfficial(set, { download: false });
  expect([...again.test.columns.x.data]).toEqual([5, 6]);
  expect(asked).toHaveLength(4);
  expect((await listDatasets())[0]?.place).toBe("the browser's cache");
});

test("a damaged file in the page's cache is named and removed", async () => {
  await openOfficial(set);
  const cache = await caches.open(CACHE);
  const key = `https://hone.invalid/mnist/${LABELS}`;
  await cache.put(key, new Response(new Uint8Array(3)));
  await expect(openOfficial(set)).rejects.toThrow(/holds 3 bytes.+ It was removed from the cache/);
  expect(await cache.match(key)).toBeUndefined();
});

test("a folder of the page's own server is tried before the mirrors", async () => {
  await openOfficial(set, { folder: "/my/data" });
  expect(asked[0]).toBe(`${location.origin}/my/data/mnist/train-images-idx3-ubyte.gz`);
});

test("without leave to download, the page's own folder is still read, and no mirror asked", async () => {
  await openOfficial(set, { folder: "/my/data", download: false });
  expect(asked).toHaveLength(4);
  expect(asked.every((address) => address.startsWith(`${location.origin}/my/data/`))).toBe(true);
  await caches.delete(CACHE);
  files.clear();
  const error = await openOfficial(set, { folder: "/my/data", download: false }).catch(String);
  expect(error).toMatch(
    /my\/data\/mnist\/train-images-idx3-ubyte\.gz: the server answered 404; downloading was ruled out\. /,
  );
  expect(asked.filter((address) => address.startsWith(MIRROR))).toEqual([]);
});

test("a page is told of its site's folder, not of an environment that it has not", async () => {
  files.clear();
  for (const download of [true, false]) {
    const error = await openOfficial(set, { download }).catch(String);
    expect(error).toMatch(
      / Put mnist\/train-images-idx3-ubyte\.gz on the page's own site and give the address of that folder as the option folder, or /,
    );
    expect(error).not.toContain("HONE_DATA");
  }
});

test("on a page without https checksums are computed all the same", async () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const { train } = await openOfficial(set);
  expect(train.rows).toBe(2);
  const other = new Uint8Array(files.get(LABELS) as Uint8Array);
  other[15] = (other[15] as number) ^ 1;
  files.set(LABELS, other);
  await caches.delete(CACHE);
  await expect(openOfficial(set)).rejects.toThrow(/its SHA-256 is [0-9a-f]{64}, but the official/);
});

test("where a page may keep nothing, a set is downloaded each time, and an error names the reason", async () => {
  const sent: SentSet = { set, files };
  expect(await inSandbox(blockedPage, sent)).toEqual({
    labels: [
      [7, 8],
      [7, 8],
    ],
    asked: 8,
    place: "none",
    error: expect.stringMatching(
      /it is not in the browser's cache \(SecurityError\); .* 404\. Put mnist\/train-images/,
    ),
    folder: expect.stringMatching(
      /^HoneError: \[hone\] folder: "http:\/\/\[": it is no address of a folder, seen from about:srcdoc\. /,
    ),
  });
});

test("a web folder opens as a person's own set, and a missing one is named", async () => {
  const { train } = await idxFolder("/my/data");
  expect(train.classNames).toHaveLength(9);
  files.delete("t10k-labels-idx1-ubyte.gz");
  await expect(idxFolder("/my/data")).rejects.toThrow(/t10k-labels-idx1-ubyte: it is not there/);
  await expect(openDataset("nonsense")).rejects.toMatchObject({ kind: "BadArgument" });
});

test("the digits are drawn in a page too", async () => {
  const { train } = await openDataset("digits", { train: 10, test: 10 });
  expect(train).toMatchObject({ rows: 10, synthetic: true });
});
