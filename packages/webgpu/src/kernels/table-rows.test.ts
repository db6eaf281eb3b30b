import { expect, test } from "vitest";
import { floats, integersOf, runCall } from "../test/run-call.js";

/** Rows of `length` that are added to `segments` sums, by numbers of which some are outside. */
async function sum(rows: number, length: number, segments: number) {
  const x = floats([rows, length]);
  const numbers = Array.from({ length: rows }, (_, row) => ((row * row * 7) % (segments + 2)) - 1);
  const [y] = await runCall("UnsortedSegmentSum", {
    inputs: [x, integersOf([rows], numbers)],
    outputs: [{ shape: [segments, length] }],
    attributes: { numSegments: segments },
  });
  const wanted = new Float64Array(segments * length);
  for (const [row, segment] of numbers.entries()) {
    if (segment < 0 || segment >= segments) continue;
    for (let column = 0; column < length; column++) {
      const at = segment * length + column;
      wanted[at] = (wanted[at] as number) + (x.data[row * length + column] as number);
    }
  }
  return { y, wanted };
}

test.each([
  [1, 3, 4],
  [256, 5, 9],
  [257, 5, 9],
  [1000, 3, 1],
  [1500, 2, 2000],
  [3001, 1, 3],
])(
  "%i rows of %i are added to %i sums, over blocks of rows too",
  async (rows, length, segments) => {
    const { y, wanted } = await sum(rows, length, segments);
    const largest = Math.max(1, ...wanted.map(Math.abs));
    for (const [at, value] of wanted.entries()) {
      expect(Math.abs((y?.[at] as number) - value) / largest).toBeLessThan(1e-5);
    }
  },
);

test("the sums have the same bits from run to run", async () => {
  const { y } = await sum(3000, 4, 11);
  for (let run = 0; run < 5; run++) expect((await sum(3000, 4, 11)).y).toEqual(y);
});
