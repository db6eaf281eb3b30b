import { expect, test } from "vitest";
import { expectClose, floats, randomFloats, runCall } from "../test/run-call.js";

const nan = Number.NaN;

test.each([
  [[0, 1, 2], [1]],
  [[0], [3, 4]],
  [[1], [2, 4]],
  [[2], [2, 3]],
  [[0, 1], [4]],
  [[1, 2], [2]],
])("Sum, Max and Min over axes %j of [2,3,4]", async (axes, shape) => {
  const x = randomFloats([2, 3, 4]);
  const groups = new Map<string, number[]>();
  for (const [flat, value] of x.values.entries()) {
    const index = [Math.floor(flat / 12), Math.floor(flat / 4) % 3, flat % 4];
    const key = index.filter((_, axis) => !axes.includes(axis)).join();
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  const terms = [...groups.values()];
  const run = (op: string) => runCall(op, [x], { shape }, { attributes: { axes } });
  expectClose(
    await run("Sum"),
    terms.map((group) => group.reduce((sum, value) => sum + value, 0)),
  );
  expectClose(
    await run("Max"),
    terms.map((group) => Math.max(...group)),
  );
  expectClose(
    await run("Min"),
    terms.map((group) => Math.min(...group)),
  );
});

test.each(["Sum", "Max", "Min"])("%s of a group with NaN is NaN", async (op) => {
  const x = floats([2, 3], [1, nan, 2, 3, 3, 3]);
  const [first, second] = await runCall(op, [x], { shape: [2] }, { attributes: { axes: [1] } });
  expect(first).toBeNaN();
  expect(second).toBe(op === "Sum" ? 9 : 3);
});

test("in 32 bits a long sum is rounded once, at its end", async () => {
  const x = floats([2 ** 16], Array(2 ** 16).fill(0.1));
  const sum = await runCall(
    "Sum",
    [x],
    { shape: [1] },
    { attributes: { axes: [0] }, precision: 32 },
  );
  expect(sum).toEqual([Math.fround(2 ** 16 * Math.fround(0.1))]);
});

test("ArgMax names the first of equal maxima", async () => {
  const x = floats([3, 4], [1, 5, 5, 2, -1, -1, -1, -1, 0, 1, 2, 3]);
  const result = { shape: [3], dtype: "int32" } as const;
  expect(await runCall("ArgMax", [x], result)).toEqual([1, 0, 3]);
});
