import { expect, test } from "vitest";
import { UseCounts } from "./use-counts.js";

test("what is used stays, and of what is idle the longest idle goes first", () => {
  const dropped: string[] = [];
  const counts = new UseCounts(2, (key) => dropped.push(key));
  for (const key of ["a", "b", "c", "d", "a"]) counts.take(key);
  for (const key of ["a", "b", "c"]) counts.release(key);
  expect(dropped).toEqual([]); // one of the two who took "a" still has it
  counts.take("b");
  counts.release("d");
  counts.release("b");
  expect(dropped).toEqual(["c"]);
  counts.release("a");
  expect(dropped).toEqual(["c", "d"]);
});
