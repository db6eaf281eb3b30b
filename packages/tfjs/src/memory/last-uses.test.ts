import type { Call, Entry, Operand } from "@hone/core/backend";
import { expect, test } from "vitest";
import { lastUses } from "./last-uses.js";

const at = (block: string, length: number, byteOffset = 0): Operand => ({
  block,
  byteOffset,
  shape: [length],
  dtype: "float32",
});
const call = (inputs: Operand[], outputs: Operand[]): Call => ({
  op: "Neg",
  inputs,
  outputs,
  attributes: {},
});

function uses(calls: Call[], buffers: Entry["buffers"] = {}) {
  const blocks = ["a", "b"].map((name) => ({ name, kind: "memory" as const, bytes: 36 }));
  return Object.fromEntries(lastUses({ name: "e", blocks, buffers, constants: [], calls }));
}

test("each tensor of a scratch block ends with the last call that reads it", () => {
  expect(
    uses([
      call([], [at("a", 4)]),
      call([at("a", 4)], [at("b", 4)]),
      call([at("a", 4), at("b", 4)], []),
      call([], [at("a", 2)]),
      call([at("a", 2)], []),
    ]),
  ).toEqual({ 2: ["a", "b"], 4: ["a"] });
});

test("a result that nothing reads ends where it is made", () => {
  expect(uses([call([], [at("a", 4)]), call([], [at("a", 4)])])).toEqual({ 0: ["a"], 1: ["a"] });
});

test("a block is kept that is read before it is written, is named, or is used in parts", () => {
  const write = call([], [at("a", 4)]);
  expect(uses([call([at("a", 4)], []), write])).toEqual({});
  expect(uses([write], { result: at("a", 4) })).toEqual({});
  expect(uses([write, call([at("a", 2)], [])])).toEqual({});
  expect(uses([call([], [at("a", 2, 16)])])).toEqual({});
});
