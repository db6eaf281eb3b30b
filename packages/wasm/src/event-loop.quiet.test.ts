import { mnist } from "@hone/data";
import { expect, test } from "vitest";
import { ticksWhileTraining } from "./test/tick-lateness.js";

test("while the CNN trains in a worker, 99.9 % of ticks of the main thread's timer are less than 50 ms late", async () => {
  const { train } = await mnist();
  const lateness = await ticksWhileTraining(train, 12);
  expect(lateness.length).toBeGreaterThan(600);
  expect(lateness[Math.floor(lateness.length / 1000)]).toBeLessThan(50);
});
