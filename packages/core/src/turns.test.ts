import { expect, test } from "vitest";
import { inTurns } from "./turns.js";

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
