import { digits } from "@hone/data";
import { expect, test } from "vitest";
import { ticksWhileTraining } from "./test/tick-lateness.js";

declare const __HONE_SOAK__: boolean;

// Another program of the machine may hold up one run; what this project does to the thread it does in each.
test("while the CNN trains in a page's worker, 99.9 % of ticks of the page's timer are less than 50 ms late", {
  retry: 2,
}, async () => {
  const { train } = await digits({ train: 2000, test: 10 });
  const { late } = await ticksWhileTraining(train, __HONE_SOAK__ ? 30 : 4);
  expect(late.length).toBeGreaterThan(200);
  expect(late[Math.floor(late.length / 1000)]).toBeLessThan(50);
});
