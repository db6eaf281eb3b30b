import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { isUnavailable } from "./index.js";
import { type DownloadProgress, openOfficial } from "./official.js";
import {
  filesBelow,
  serve,
  smallFiles,
  smallSet,
  temporaryFolder,
  writeFiles,
} from "./test/small-set.js";

const LABELS = "train-labels-idx1-ubyte.gz";
const IMAGES = "t10k-images-idx3-ubyte.gz";
const files = smallFiles();

/** The home of the cache, empty for each test; no HONE_DATA unless the test sets it. */
let cacheHome: string;
let cache: string;
beforeEach(async () => {
  cacheHome = await temporaryFolder();
  cache = join(cacheHome, "hone", "mnist");
  vi.stubEnv("XDG_CACHE_HOME", cacheHome);
  vi.stubEnv("HONE_DATA", "");
  return () => vi.unstubAllEnvs();
});

/** An address that refuses connections. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}

function withChange(name: string, bytes: Uint8Array): Record<string, Uint8Array> {
  return { ...files, [name]: bytes };
}

function flipped(name: string): Buffer {
  const bytes = Buffer.from(files[name] as Buffer);
  bytes[15] = (bytes[15] as number) ^ 1;
  return bytes;
}

test("a set is downloaded once, checked, kept in the cache and read from there ever after", async () => {
  const asked: string[] = [];
  const mirror = await serve((name, response) => {
    asked.push(name);
    response.end(files[name]);
  });
  const set = smallSet(files, [mirror]);
  const progress: DownloadProgress[] = [];
  const first = await openOfficial(set, { progress: (report) => progress.push(report) });
  expect(asked).toHaveLength(4);
  expect(first.train).toMatchObject({ name: "mnist train", rows: 6, classNames: ["a", "b", "c"] });
  expect(progress.at(-1)).toEqual({
    file: `mnist/${"t10k-labels-idx1-ubyte.gz"}`,
    url: `${mirror}t10k-labels-idx1-ubyte.gz`,
    receivedBytes: set.test.labels.bytes,
    totalBytes: set.test.labels.bytes,
  });
  expect((await filesBelow(cacheHome)).sort()).toEqual(Object.keys(files).sort());

  const second = await openOfficial(set, { download: false });
  expect(asked).toHaveLength(4);
  expect([...second.test.columns.y.data]).toEqual([2, 1, 0]);
});

test("mirrors that refuse, fail, send too little, too much or other bytes give way to the next", async () => {
  const working = await serve((name, response) => response.end(files[name]));
  const broken = [
    await closedAddress(),
    await serve((_, response) => response.writeHead(503).end()),
    await serve((name, response) => response.end(files[name]?.subarray(1))),
    await serve((name, response) =>
      response.end(Buffer.concat([files[name] as Buffer, files[name] as Buffer])),
    ),
    await serve((name, response) => response.end(flipped(name))),
    await serve((name, response) => {
      response.writeHead(200, { "content-length": `${files[name]?.length}` });
      response.write(files[name]?.subarray(0, 10));
      setTimeout(() => response.destroy(), 20);
    }),
  ];
  const { train } = await openOfficial(smallSet(files, [...broken, working]));
  expect(train.source).toBe(`${working}train-images-idx3-ubyte.gz`);

  vi.stubEnv("XDG_CACHE_HOME", await temporaryFolder());
  const error: unknown = await openOfficial(smallSet(files, broken)).catch((thrown) => thrown);
  expect(isUnavailable(error)).toBe(true);
  for (const reason of ["ECONNREFUSED", "503", /sent \d+ of \d+ bytes/, "more than", "SHA-256"]) {
    expect((error as Error).message).toMatch(reason);
  }
});

test("with no network the error says what was tried and how to set HONE_DATA, and leaves nothing", async () => {
  const [refusing, failing] = [
    await closedAddress(),
    await serve((_, response) => response.writeHead(500).end()),
  ];
  const error: unknown = await openOfficial(smallSet(files, [refusing, failing])).catch(
    (thrown) => thrown,
  );
  expect(isUnavailable(error)).toBe(true);
  const { message } = error as Error;
  expect(message).toMatch(/^\[hone\] mnist\/train-images-idx3-ubyte\.gz: [^\n]+\.$/);
  expect(message).toContain(`the cache ${join(cacheHome, "hone")}`);
  expect(message).toContain("ECONNREFUSED");
  expect(message).toContain("the server answered 500");
  expect(message).toContain(
    "Set HONE_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz",
  );
  expect(await filesBelow(cacheHome)).toEqual([]);
});

test("without leave to download, a missing file is an error that touches no network", async () => {
  const error: unknown = await openOfficial(smallSet(files, ["http://127.0.0.1:1/"]), {
    download: false,
  }).catch((thrown) => thrown);
  expect(isUnavailable(error)).toBe(true);
  expect((error as Error).message).toContain("downloading was ruled out");
});

test("a damaged file in the cache is named, removed, and downloaded anew by the next run", async () => {
  const mirror = await serve((name, response) => response.end(files[name]));
  const set = smallSet(files, [mirror]);
  const damages: readonly (readonly [Buffer, RegExp])[] = [
    [
      flipped(LABELS),
      /its SHA-256 is [0-9a-f]{64}, but the official file has [0-9a-f]{64}\. It was removed/,
    ],
    [
      (files[LABELS] as Buffer).subarray(0, 20),
      /it holds 20 bytes, but the official file has \d+\. It was removed/,
    ],
  ];
  for (const [bytes, message] of damages) {
    await writeFiles(cache, withChange(LABELS, bytes));
    const error: unknown = await openOfficial(set).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: "BadData", message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(`[hone] ${join(cache, LABELS)}: `);
    expect(isUnavailable(error)).toBe(false);
    expect(await filesBelow(cacheHome)).not.toContain(LABELS);
    await openOfficial(set);
    expect(await filesBelow(cacheHome)).toContain(LABELS);
  }
});

test("a damaged file in a person's folder is named and left alone, and no other copy steps in", async () => {
  const folder = await temporaryFolder();
  await writeFiles(join(folder, "mnist"), withChange(IMAGES, flipped(IMAGES)));
  await writeFiles(cache, files);
  const set = smallSet(files);
  for (const open of [
    () => openOfficial(set, { folder }),
    () => {
      vi.stubEnv("HONE_DATA", folder);
      return openOfficial(set);
    },
  ]) {
    await expect(open()).rejects.toThrow(join(folder, "mnist", IMAGES));
    expect(await readFile(join(folder, "mnist", IMAGES))).toEqual(flipped(IMAGES));
  }
});

test("places are looked at in order, and a download lands in the folder HONE_DATA names", async () => {
  const folder = await temporaryFolder();
  vi.stubEnv("HONE_DATA", join(folder, "made on demand"));
  const mirror = await serve((name, response) => response.end(files[name]));
  await openOfficial(smallSet(files, [mirror]));
  expect(await filesBelow(folder)).toHaveLength(4);
  expect(await filesBelow(cacheHome)).toEqual([]);
  const { train } = await openOfficial(smallSet(files), { folder: join(folder, "not there") });
  expect(train.source).toBe(`HONE_DATA ${join(folder, "made on demand")}`);
});

test("an official file whose content does not fit the table is refused after its checksum", async () => {
  const foreign = smallFiles();
  foreign[LABELS] = foreign["t10k-labels-idx1-ubyte.gz"] as Buffer;
  await writeFiles(cache, foreign);
  await expect(openOfficial(smallSet(foreign))).rejects.toThrow(/3 labels, but .+ holds 6 images/);
  const two = { ...smallSet(files), classNames: ["a", "b"] };
  await writeFiles(cache, files);
  await expect(openOfficial(two)).rejects.toThrow(/row 2 has label 2, but there are 2 classes/);
});

test("an abort during a download ends it and leaves no file", async () => {
  const stop = new AbortController();
  const mirror = await serve((name, response) => {
    response.write(files[name]?.subarray(0, 10));
    setTimeout(() => stop.abort(), 10);
  });
  const second = vi.fn();
  const set = smallSet(files, [mirror, await serve(second)]);
  // The mirror never ends its answer: only the abort does.
  const error: unknown = await openOfficial(set, { signal: stop.signal }).catch((thrown) => thrown);
  expect(error).toMatchObject({ kind: "Aborted" });
  expect(second).not.toHaveBeenCalled();
  expect(await filesBelow(cacheHome)).toEqual([]);
  await expect(openOfficial(set, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    kind: "Aborted",
  });
});

test("an abort after the last byte is heeded before the file is kept", async () => {
  const stop = new AbortController();
  const mirror = await serve((name, response) => response.end(files[name]));
  const set = smallSet(files, [mirror]);
  const opened = openOfficial(set, {
    signal: stop.signal,
    progress: ({ receivedBytes, totalBytes }) => {
      if (receivedBytes === totalBytes) queueMicrotask(() => stop.abort());
    },
  });
  await expect(opened).rejects.toMatchObject({ kind: "Aborted" });
  expect(await filesBelow(cacheHome)).toEqual([]);
});

test("a folder that cannot be written is named before anything is fetched", async () => {
  const blocked = join(await temporaryFolder(), "a file");
  await writeFiles(join(blocked, ".."), { "a file": new Uint8Array(1) });
  vi.stubEnv("HONE_DATA", blocked);
  const asked = vi.fn();
  await expect(openOfficial(smallSet(files, [await serve(asked)]))).rejects.toThrow(
    /cannot be written .+ set HONE_DATA/,
  );
  expect(asked).not.toHaveBeenCalled();
});
