import { expect, test } from "vitest";
import { atOnce, inPieces, inTurns, type Pieces } from "./turns.js";

test("a slice of time that is used up gives the thread away, and begins anew", async () => {
  let now = 0;
  const turn = inTurns(() => now);
  expect(turn()).toBeUndefined();
  now = 9.9;
  expect(turn()).toBeUndefined();
  now = 10;
  let waiting = true;
  setImmediate(() => {
    waiting = false;
  });
  await turn();
  expect(waiting).toBe(false);
  now = 19;
  expect(turn()).toBeUndefined();
});

test("work in pieces lets others in where it yields, and is the same at once", async () => {
  let waiting = true;
  function* work(): Pieces<boolean> {
    const until = performance.now() + 11;
    while (performance.now() < until);
    yield;
    return waiting;
  }
  expect(atOnce(work())).toBe(true);
  setImmediate(() => {
    waiting = false;
  });
  expect(await inPieces(work())).toBe(false);
  function* failing(): Pieces<never> {
    yield;
    throw new RangeError("mine");
  }
  await expect(inPieces(failing())).rejects.toThrow("mine");
  expect(() => atOnce(failing())).toThrow("mine");
});
