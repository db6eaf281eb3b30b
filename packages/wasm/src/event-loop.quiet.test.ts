import { mnist } from "@hone/data";
import { expect, test } from "vitest";
import { ticksWhileCompiling, ticksWhileTraining } from "./test/tick-lateness.js";

// Another program of the machine may hold up one run; what this project does to the thread it does in each.
test("while the CNN is compiled, no tick of the main thread's timer is 50 ms late", {
  retry: 2,
}, async () => {
  const [worst] = await ticksWhileCompiling();
  expect(worst).toBeLessThan(50);
});

test("while the CNN trains in a worker, no tick of the main thread's timer is 50 ms late", {
  retry: 2,
}, async () => {
  const { train } = await mnist();
  const lateness = await ticksWhileTraining(train, 12);
  expect(lateness.length).toBeGreaterThan(600);
  expect(lateness[0]).toBeLessThan(50);
});
