/**
 * Willem van Schaik's PngSuite (www.schaik.com/pngsuite): 161 files that must be read right, 14 that must be refused.
 * It is not ours to carry along: HONE_PNGSUITE names the folder it was unpacked in. Beside it, `decode.test.ts` has
 * images of every kind, made here.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { decodePng } from "./decode.js";
import { grayByPngjs } from "./test/other-reader.js";

const folder = process.env.HONE_PNGSUITE;
const names =
  folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".png"));
const all = names.map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(path.join(folder as string, name))),
}));
// By the set's own rule: a name that begins with x is a damaged file.
const sound = all.filter(({ name }) => !name.startsWith("x"));
const damaged = all.filter(({ name }) => name.startsWith("x"));

test.skipIf(folder === undefined)("the set is whole", () => {
  expect([sound.length, damaged.length]).toEqual([161, 14]);
});

test.each(sound)("$name is read as another decoder reads it", ({ name, bytes }) => {
  const { pixels } = decodePng(bytes, name);
  const other = grayByPngjs(bytes);
  expect(pixels.length).toBe(other.length);
  // Both divide whole samples in double precision; a 32-bit float rounds once more.
  const worst = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
  expect(worst).toBeLessThan(1e-6);
});

test.each(damaged)("$name is refused", ({ name, bytes }) => {
  expect(() => decodePng(bytes, name)).toThrow(/it is (damaged|not a PNG image)/);
});
