/** Files that others wrote open: earlier releases' checkpoints, and what the format's own library writes. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeCheckpoint } from "./checkpoint-file.js";
import { readSafetensors, valuesOf } from "./safetensors.js";

const fixture = (name: string) => new URL(`../../../../fixtures/${name}`, import.meta.url);
const bytesOf = (name: string) => Uint8Array.from(readFileSync(fixture(name)));

test.each(["session", "program"])("a %s's checkpoint of format 1 opens", async (kind) => {
  const expected = await import(fixture("checkpoint-format-1.mjs").href);
  const file = bytesOf(`checkpoint-format-1-${kind}.safetensors`);
  expect(await decodeCheckpoint(file)).toEqual(expected[kind]);
});

test("a file of the format's own library is read as it was meant", () => {
  const file = readSafetensors(bytesOf("safetensors-reference.safetensors"), "reference");
  expect(file.metadata).toEqual({ note: "größe" });
  const tensors = file.tensors.map((tensor) => [tensor.name, tensor.shape, valuesOf(tensor)]);
  expect(tensors).toHaveLength(4);
  expect(tensors).toContainEqual([
    "dense/kernel",
    [2, 3],
    Float32Array.of(1.5, -0, 2, 1e-45, 3, -7.25),
  ]);
  expect(tensors).toContainEqual(["größe", [2], Float64Array.of(0.1, 5e-324)]);
  expect(tensors).toContainEqual(["nothing", [0, 4], new Float32Array(0)]);
  expect(tensors).toContainEqual(["one", [], Float64Array.of(-2.5)]);
});
