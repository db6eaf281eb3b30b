import { sizeOf } from "@hone/core/backend";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { compute, expectLikeReference, numbers } from "./test/one-op.js";

/** Rows, their length, segments: sums that threads own, few sums made in parts, and both with odd sizes. */
const shapes: readonly (readonly [number, number, number])[] = [
  [640, 64, 1000],
  [3000, 5, 700],
  [50, 3, 1],
  [9000, 4, 20],
  [20_001, 3, 7],
  [9000, 1, 1],
];

/** Numbers of which some are outside, and many alike. */
function numbersOf(rows: number, segments: number): Int32Array {
  return Int32Array.from(numbers(rows, 9), (x) => Math.floor(x * x * (segments + 2)) - 1);
}

function sumOf([rows, length, segments]: (typeof shapes)[number]) {
  const ids = { shape: [rows], dtype: "int32", data: numbersOf(rows, segments) } as const;
  return {
    op: "UnsortedSegmentSum",
    inputs: [{ shape: [rows, length] }, ids],
    output: { shape: [segments, length] },
    attributes: { numSegments: segments },
  };
}

test.each(shapes)(
  "%i rows of %i are added to %i sums as the reference adds them",
  async (rows, length, segments) => {
    const shape = [rows, length, segments] as unknown as (typeof shapes)[number];
    await expectLikeReference(sumOf(shape), 1e-5);
  },
);

test("sums of rows have the same bits on any number of threads", async () => {
  for (const shape of shapes) {
    const on = (threads: number) =>
      compute(wasm({ worker: false, threads, shareFrom: 0 }), sumOf(shape));
    const alone = await on(1);
    expect(alone.some((sum) => sum !== 0)).toBe(true);
    for (const threads of [2, 3, 4]) expect(await on(threads), `${shape}`).toEqual(alone);
  }
});

test("rows of any length are gathered, and none is written past its end", async () => {
  for (const length of [1, 2, 3, 4, 5, 7, 8, 12, 13, 67, 513, 1500]) {
    const [table, indices] = [
      [9, length],
      [2, 51],
    ];
    const ids = { shape: indices, dtype: "int32", data: numbersOf(sizeOf(indices), 9) } as const;
    for (const outside of ["zero", "nan"]) {
      const output = { shape: [...indices, length] };
      const inputs = [{ shape: table }, ids];
      await expectLikeReference({ op: "Gather", inputs, output, attributes: { outside } }, 0);
    }
  }
});
