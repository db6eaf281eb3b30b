import { expect, test } from "vitest";
import { FailureLatch } from "./failure-latch.js";

test("after a failure nothing is done until the failure was thrown, once", () => {
  const latch = new FailureLatch();
  const done: string[] = [];
  latch.attempt(() => {
    throw new Error("first");
  });
  latch.attempt(() => done.push("skipped"));
  latch.keep(new Error("second"));
  expect(latch.holds).toBe(true);
  expect(() => latch.release()).toThrow("first");
  latch.release();
  latch.attempt(() => done.push("done"));
  expect(done).toEqual(["done"]);
});

test("a thrown undefined is a failure too", () => {
  const latch = new FailureLatch();
  latch.keep(undefined);
  expect(latch.holds).toBe(true);
});
