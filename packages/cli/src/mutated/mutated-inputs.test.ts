/**
 * Inputs that were valid before they were changed, for every reader of files: some hundred, or with
 * HONE_SOAK=1 the 20,000 of a release. Only typed refusals, no more memory than the budget, and nothing is
 * taken for right that an independent reader refuses or reads otherwise.
 */
import "@tensorflow/tfjs-backend-cpu";
import { setBackend } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { imageBombs } from "./test/image-readers.js";
import { allReaders } from "./test/readers.js";
import { mutatedInputs, type Reader, tryInput } from "./test/try-input.js";

const soak = process.env.HONE_SOAK === "1";
const seed = Number(process.env.HONE_SEED ?? 1);
const inputsOfEach = soak ? 2200 : 60;
/** Enough to see what is wrong. */
const mostTold = 5;

let readers: readonly Reader[] = [];
beforeAll(async () => {
  await setBackend("cpu");
  readers = await allReaders();
});

test("what is valid is read, and no independent reader objects", async () => {
  for (const reader of readers) {
    for (const bytes of reader.samples) {
      const { outcome, fault } = await tryInput(reader, bytes);
      expect({ outcome, fault }, reader.name).toEqual({ outcome: "read" });
    }
  }
});

test("changed inputs are read right or refused in words, within their budget of memory", async () => {
  const told: string[] = [];
  const counts = new Map<string, { read: number; refused: number }>();
  for (const reader of readers) {
    const count = { read: 0, refused: 0 };
    counts.set(reader.name, count);
    let faults = 0;
    for (const { bytes, label } of mutatedInputs(reader, inputsOfEach, seed)) {
      const { outcome, fault } = await tryInput(reader, bytes);
      count[outcome]++;
      if (fault === undefined || ++faults > mostTold) continue;
      told.push(`${label}: ${fault}\n${Buffer.from(bytes).toString("base64").slice(0, 3000)}`);
    }
  }
  expect(told.join("\n\n")).toBe("");
  const total = [...counts.values()].reduce((sum, { read, refused }) => sum + read + refused, 0);
  expect(total).toBeGreaterThanOrEqual(soak ? 20_000 : 500);
  // A change that no reader notices tests nothing.
  for (const [name, { refused }] of counts) {
    if (name !== "kept choice") expect(refused, name).toBeGreaterThan(0);
  }
});

test("small files that ask for much are refused at once", async () => {
  for (const { reader, bytes } of imageBombs()) {
    const { outcome, fault } = await tryInput(reader, bytes);
    expect({ outcome, fault }, `${bytes.length} bytes`).toEqual({ outcome: "refused" });
  }
});
