import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readIdx, UNPACKED_BYTES } from "./idx.js";
import { idxFile, ramp } from "./test/small-set.js";

const shape = [5, 4, 3];
const good = idxFile(shape, ramp(shape));

test("plain and gzip files give the same shape and elements", async () => {
  for (const bytes of [good, gzipSync(good)]) {
    const read = await readIdx(bytes, "file", [3]);
    expect(read.shape).toEqual(shape);
    expect([...read.data]).toEqual([...ramp(shape)]);
  }
});

test("a gzip file of many chunks is read whole", async () => {
  const large = [300, 40, 30];
  const read = await readIdx(gzipSync(idxFile(large, ramp(large))), "file", [3]);
  expect(Buffer.compare(read.data, ramp(large))).toBe(0);
});

test("each kind of damage is named, with the values expected and found", async () => {
  const flipped = gzipSync(good);
  flipped[flipped.length - 12] = (flipped[flipped.length - 12] as number) ^ 0xff;
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(0), /holds 0 bytes/],
    [good.subarray(0, 9), /ends after 9 bytes, inside its 16-byte header/],
    [good.subarray(0, 70), /takes 76 bytes, but it holds 70\./],
    [Buffer.concat([good, Buffer.alloc(2)]), /takes 76 bytes, but it holds 78\./],
    [idxFile([5], ramp([5])), /0x00000801 \(uint8, 1 dimensions\), but 0x00000803 was expected/],
    [idxFile(shape, ramp(shape), 13), /0x00000d03 \(float32, 3 dimensions\)/],
    [Buffer.from("<!doctype html>"), /0x3c21646f \(no IDX file\)/],
    [idxFile([0xffffffff, 0xffffffff, 0xffffffff], []), /which no file can hold/],
    [idxFile([0xffffffff, 28, 28], [1, 2]), /takes 3367254359296 bytes, but it holds 18\./],
    [idxFile([0, 28, 28], []), /which is empty/],
    [gzipSync(good).subarray(0, 30), /gzip stream of 30 bytes is damaged or cut short/],
    [flipped, /gzip stream of \d+ bytes is damaged/],
    [gzipSync(good.subarray(0, 70)), /takes 76 bytes, but it holds 70\./],
    [gzipSync(Buffer.concat([good, Buffer.alloc(9)])), /takes 76 bytes, but it holds more\./],
    [
      gzipSync(idxFile([0xffffffff, 28, 28], ramp([9]))),
      /3367254359296 bytes, but it holds at most/,
    ],
  ];
  for (const [bytes, message] of cases) {
    const error: unknown = await readIdx(bytes, "some/file", [3]).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: "BadData", message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(/^\[hone\] some\/file: [^\n]+\.$/);
  }
});

test("a header that agrees with gigabytes of zeros is refused before they are unpacked", async () => {
  const zeros = Buffer.concat([idxFile([400_000, 28, 28], []), Buffer.alloc(400_000 * 784)]);
  const bomb = gzipSync(zeros, { level: 1 });
  const most = UNPACKED_BYTES + 2 * bomb.length;
  const before = process.memoryUsage().rss;
  await expect(readIdx(bomb, "bomb", [3])).rejects.toThrow(
    `[hone] bomb: its header gives the shape [400000, 28, 28], which takes 313600016 bytes, and a gzip file of this length is unpacked to ${most} at most. Unpack it with gunzip if it is what you want.`,
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  const read = await readIdx(zeros, "plain", [3]);
  expect(read.data.length).toBe(400_000 * 784);
});

test("a small file that expands to far more than its header says is not expanded", async () => {
  const bomb = gzipSync(Buffer.concat([good, Buffer.alloc(60_000_000)]));
  const before = process.memoryUsage();
  await expect(readIdx(bomb, "bomb", [3])).rejects.toThrow(/holds more/);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(30_000_000);
});
