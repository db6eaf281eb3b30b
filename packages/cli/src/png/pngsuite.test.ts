/** Willem van Schaik's PngSuite: 161 files that must be read right, 14 that must be refused. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { decodePng } from "./decode.js";
import { grayByPngjs } from "./test/other-reader.js";

const fixture = path.join(import.meta.dirname, "../../../../fixtures/pngsuite.json");
const { files } = JSON.parse(readFileSync(fixture, "utf8")) as { files: Record<string, string> };
const all = Object.entries(files).map(([name, text]) => ({
  name,
  bytes: new Uint8Array(Buffer.from(text, "base64")),
}));
// By the set's own rule: a name that begins with x is a damaged file.
const sound = all.filter(({ name }) => !name.startsWith("x"));
const damaged = all.filter(({ name }) => name.startsWith("x"));

test("the set is whole", () => {
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
