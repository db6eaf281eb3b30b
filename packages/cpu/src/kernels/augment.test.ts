import { philox } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, integers, runCall, type TestTensor } from "../test/run-call.js";

interface Settings {
  readonly shift?: number;
  readonly flip?: boolean;
  readonly seed?: number;
  readonly step?: number;
}
const ORDINAL = 5;

function augmented(x: TestTensor, settings: Settings): Promise<number[]> {
  const { shift = 0, flip = false, seed = 12345, step = 17 } = settings;
  const attributes = { shift, flip, ordinal: ORDINAL };
  return runCall("AugmentImages", [x, integers([1], [seed])], x, { attributes, step });
}

/** Images whose only pixel that is not 0 stands in the middle row, left of the middle, so that all shows. */
const SIZE = 9;
const [ROW, COLUMN] = [4, 3];
function marked(batch: number): TestTensor {
  const values = Array<number>(batch * SIZE * SIZE).fill(0);
  for (let b = 0; b < batch; b++) values[(b * SIZE + ROW) * SIZE + COLUMN] = b + 1;
  return floats([batch, SIZE, SIZE, 1], values);
}

/** Where each image's mark went. */
function marksOf(y: readonly number[]): [row: number, column: number][] {
  return Array.from({ length: y.length / SIZE ** 2 }, (_, b) => {
    const at = y.indexOf(b + 1);
    expect(y.lastIndexOf(b + 1)).toBe(at);
    return [Math.floor(at / SIZE) - b * SIZE, at % SIZE];
  });
}

test("each image is mirrored and moved as the generator says", async () => {
  const [shift, seed, step] = [2, 12345, 17];
  const marks = marksOf(await augmented(marked(200), { shift, flip: true, seed, step }));
  const words = new Uint32Array(4);
  for (const [b, mark] of marks.entries()) {
    philox(words, b, step, 0, 0, seed, ORDINAL);
    const [u0, u1, u2] = [...words].map(BigInt) as [bigint, bigint, bigint];
    const move = (u: bigint) => Number((u * 5n) >> 32n) - shift;
    const column = u2 >> 31n === 1n ? SIZE - 1 - COLUMN : COLUMN;
    expect(mark).toEqual([ROW + move(u0), column + move(u1)]);
  }
});

test("the decisions are those written down", async () => {
  const marks = marksOf(await augmented(marked(8), { shift: 2, flip: true, seed: 7, step: 3 }));
  const decisions = marks.map(([row, column]) => `${row - ROW} ${column}`);
  expect(decisions).toEqual(["-2 2", "2 1", "-2 5", "1 6", "2 1", "2 5", "-2 3", "-2 3"]);
});

test("all moves and both sides are equally likely, whatever the batch and the step", async () => {
  const counts = new Map<string, number>();
  for (let step = 0; step < 20; step++) {
    for (const [row, column] of marksOf(
      await augmented(marked(500), { shift: 1, flip: true, step }),
    )) {
      counts.set(`${row},${column}`, (counts.get(`${row},${column}`) ?? 0) + 1);
    }
  }
  // Columns 2 to 4, and 4 to 6 for the mirrored: column 4 is reached from both sides.
  expect(counts.size).toBe(3 * 5);
  for (const [place, count] of counts) {
    const expected = (10_000 / 18) * (place.endsWith(",4") ? 2 : 1);
    expect(Math.abs(count - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
  }
});

test("a mirrored image keeps its channels' order, and what a move vacates is 0", async () => {
  const x = floats([1, 2, 3, 2], [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6]);
  const seen = new Set<string>();
  for (let step = 0; step < 300; step++) {
    const y = await augmented(x, { shift: 1, flip: true, step });
    for (let pixel = 0; pixel < 12; pixel += 2)
      expect(y[pixel + 1]).toBe(-(y[pixel] as number) || 0);
    seen.add(`${y.filter((_, index) => index % 2 === 0)}`);
  }
  expect(seen.size).toBe(18);
  for (const pixels of [
    "1,2,3,4,5,6",
    "3,2,1,6,5,4",
    "0,0,0,0,1,2",
    "2,1,0,5,4,0",
    "5,6,0,0,0,0",
  ]) {
    expect(seen).toContain(pixels);
  }
});
