import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { lightOnBlack, readPng, resize } from "./image.js";
import { decodePng, type GrayImage } from "./png/decode.js";

function png(width: number, height: number, channels: number, data: readonly number[], depth = 8) {
  const values = depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data);
  return encode({ width, height, channels, data: values, depth: depth as 8 });
}

const gray = (width: number, height: number, pixels: readonly number[]): GrayImage => ({
  width,
  height,
  pixels: Float32Array.from(pixels),
});

const rounded = (image: GrayImage) => [...image.pixels].map((value) => Math.round(value * 100));

test("gray, colour, transparent and 16-bit images become gray values from 0 to 1", () => {
  expect(rounded(decodePng(png(2, 1, 1, [0, 255]), "a"))).toEqual([0, 100]);
  expect(rounded(decodePng(png(3, 1, 3, [255, 0, 0, 0, 255, 0, 0, 0, 255]), "a"))).toEqual([
    30, 59, 11,
  ]);
  expect(rounded(decodePng(png(2, 1, 4, [0, 0, 0, 0, 0, 0, 0, 255]), "a"))).toEqual([100, 0]);
  expect(rounded(decodePng(png(2, 1, 2, [0, 51, 255, 255]), "a"))).toEqual([80, 100]);
  expect(rounded(decodePng(png(2, 1, 1, [0, 32768], 16), "a"))).toEqual([0, 50]);
});

test("one-bit images are read bit by bit, each row from its own byte", () => {
  const image = encode({
    width: 3,
    height: 2,
    channels: 1,
    depth: 1,
    data: Uint8Array.of(0xa0, 0x40),
  });
  expect(rounded(decodePng(image, "a"))).toEqual([100, 0, 100, 0, 100, 0]);
});

test("a smaller image averages the areas of the larger, whole or not", () => {
  expect(rounded(resize(gray(4, 2, [0, 1, 1, 1, 0, 1, 1, 1]), 2, 1))).toEqual([50, 100]);
  expect(rounded(resize(gray(3, 1, [0, 1, 0]), 2, 1))).toEqual([33, 33]);
  expect(rounded(resize(gray(1, 1, [0.4]), 2, 2))).toEqual([40, 40, 40, 40]);
  const same = gray(2, 2, [0.1, 0.2, 0.3, 0.4]);
  expect(rounded(resize(same, 2, 2))).toEqual(rounded(same));
});

test("an image with a light border is inverted, one with a dark border is not", () => {
  const onPaper = lightOnBlack(gray(3, 3, [1, 1, 1, 1, 0, 1, 1, 1, 1]));
  expect(onPaper.inverted).toBe(true);
  expect(rounded(onPaper.image)).toEqual([0, 0, 0, 0, 100, 0, 0, 0, 0]);
  const onBlack = gray(3, 3, [0, 0, 0, 0, 1, 0, 0, 0, 0]);
  expect(lightOnBlack(onBlack)).toEqual({ image: onBlack, inverted: false });
});

test("what is no PNG, damaged, missing or too large is refused by name", async () => {
  const whole = png(4, 4, 1, Array(16).fill(7));
  expect(() => decodePng(new TextEncoder().encode("GIF89a".repeat(9)), "x.png")).toThrow(
    "[hone] x.png: it is not a PNG image. Convert it to PNG.",
  );
  expect(() => decodePng(whole.subarray(0, whole.length - 20), "x.png")).toThrow(
    /^\[hone\] x\.png: it is damaged: .+\. Save the image again\.$/,
  );
  const flipped = whole.slice();
  flipped[45]! ^= 0xff;
  expect(() => decodePng(flipped, "x.png")).toThrow(/it is damaged/);
  const huge = whole.slice();
  new DataView(huge.buffer).setUint32(16, 2_000_000_000);
  expect(() => decodePng(huge, "x.png")).toThrow(/the checksum of chunk IHDR does not match/);
  await expect(readPng("/nowhere/x.png")).rejects.toThrow(/there is no such file/);
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-image-"));
  try {
    await writeFile(path.join(folder, "a.png"), whole);
    expect((await readPng(path.join(folder, "a.png"))).width).toBe(4);
  } finally {
    await rm(folder, { recursive: true });
  }
});
