import { mnist } from "@hone/data";
import { expect, test } from "vitest";
import { computedMs } from "./test/computed-time.js";
import { type Ticks, ticksWhileCompiling, ticksWhileTraining } from "./test/tick-lateness.js";

/** That no task of the thread took 50 ms, and that next to no tick came so late for want of a processor. */
function expectFree({ late, computed }: Ticks): void {
  expect(computed[0]).toBeLessThan(50);
  expect(late[Math.floor(late.length / 100)]).toBeLessThan(50);
}

// Another program of the machine may hold up one run; what this project does to the thread it does in each.
test("while the CNN is compiled, the main thread is free within 50 ms", { retry: 2 }, async () => {
  expectFree(await ticksWhileCompiling(computedMs));
});

test("while the CNN trains in a worker, the main thread is free within 50 ms", {
  retry: 2,
}, async () => {
  const { train } = await mnist();
  const ticks = await ticksWhileTraining(train, 12, computedMs);
  expect(ticks.late.length).toBeGreaterThan(600);
  expectFree(ticks);
});
