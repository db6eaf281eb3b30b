import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OFFICIAL_SETS, type OfficialFile, type OfficialSet } from "./catalog.js";
import { idxFolder, listDatasets, openDataset } from "./index.js";
import { openOfficial } from "./official.js";

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
