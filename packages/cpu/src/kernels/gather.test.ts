import { expect, test } from "vitest";
import { floats, integers, runCall } from "../test/run-call.js";

const table = floats([3, 2], [1, 2, 3, 4, 5, 6]);
const numbers = integers([2, 3], [2, 0, 2, -1, 3, 1]);

test("Gather takes the table's rows; a number outside gives NaN, or zeros", async () => {
  const gather = (attributes = {}) =>
    runCall("Gather", [table, numbers], { shape: [2, 3, 2] }, { attributes });
  const [a, b, c] = [
    [1, 2],
    [3, 4],
    [5, 6],
  ] as const;
  const nan = [Number.NaN, Number.NaN];
  expect(await gather()).toEqual([c, a, c, nan, nan, b].flat());
  expect(await gather({ outside: "zero" })).toEqual([c, a, c, [0, 0], [0, 0], b].flat());
});

test("UnsortedSegmentSum adds rows by number, and leaves those outside out", async () => {
  const x = floats([2, 3, 2], [1, 2, 10, 20, 100, 200, Number.NaN, 9, Number.NaN, 9, 7, 8]);
  const sums = await runCall(
    "UnsortedSegmentSum",
    [x, numbers],
    { shape: [3, 2] },
    {
      attributes: { numSegments: 3 },
    },
  );
  expect(sums).toEqual([10, 20, 7, 8, 101, 202]);
});
