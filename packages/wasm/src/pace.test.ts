import { expect, test } from "vitest";
import { FoundPace, Lately } from "./pace.js";

/** What a step takes, in milliseconds, on so many threads: the first number is for one. */
type StepTimes = readonly number[];

/** A team whose clock only the steps move on, and what it ran. */
function simulated(times: StepTimes, lately = new Lately(times.length), luck = () => 1) {
  const machine = { times, nowMs: 0, ran: [] as [threads: number, first: number, steps: number][] };
  const pace = new FoundPace(
    times.length,
    lately,
    (threads, first, steps) => {
      machine.ran.push([threads, first, steps]);
      for (let step = 0; step < steps; step++) {
        machine.nowMs += luck() * (machine.times[threads - 1] as number);
      }
    },
    () => machine.nowMs,
  );
  let first = 0;
  /** Runs of so many steps until that much time has passed; returns milliseconds of a step, all in all. */
  const runFor = (ms: number, steps = 64) => {
    const [beganMs, before] = [machine.nowMs, first];
    while (machine.nowMs < beganMs + ms) {
      pace.run(first, steps);
      first += steps;
    }
    return (machine.nowMs - beganMs) / (first - before);
  };
  return { machine, pace, runFor };
}

/** Numbers from 0 to 1, the same ones each time. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Mostly a little more or less, and now and then a turn of another program. */
function unsteady(seed: number): () => number {
  const number = numbersFrom(seed);
  return () => (number() < 0.02 ? 4 : 0.85 + 0.3 * number());
}

const quiet = (threads: number): StepTimes =>
  Array.from({ length: threads }, (_, index) => 4 / (index + 1) + 0.1 * index);

const machines: Record<string, StepTimes> = {
  "two threads, both free": [1, 0.6],
  "two threads, one held up": [1, 5],
  "eight threads, all free": quiet(8),
  "eight threads, two of them held up": [...quiet(6), 12, 14],
  "eight threads, six of them held up": [...quiet(2), 6, 7, 8, 9, 10, 12],
  "four threads for work that is better not shared": [0.2, 0.25, 0.3, 0.4],
  "four threads and steps of a second": [1000, 520, 360, 280],
};

test.each(Object.entries(machines))("%s: it settles on the fastest number", (_, times) => {
  const { runFor } = simulated(times);
  const best = Math.min(...times);
  runFor(Math.max(5000, 100 * best));
  expect(runFor(Math.max(20_000, 400 * best)) / best).toBeLessThan(1.03);
});

test.each(Object.entries(machines))("%s: so do runs of a step each", (_, times) => {
  const { runFor } = simulated(times);
  const best = Math.min(...times);
  runFor(Math.max(5000, 100 * best), 1);
  expect(runFor(Math.max(20_000, 400 * best), 1) / best).toBeLessThan(1.03);
});

test("with steps as unsteady as on a busy machine nothing is lost against one thread", () => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const heldUp of [1.1, 1.5, 3, 8]) {
      const { runFor } = simulated([1, heldUp], new Lately(2), unsteady(seed));
      const alone = simulated([1], new Lately(1), unsteady(seed));
      const ratio = runFor(20_000) / alone.runFor(20_000);
      expect(ratio, `seed ${seed}, ${heldUp} times as slow`).toBeLessThan(1.05);
    }
  }
});

test("when a processor is taken it leaves it within a third of a second, and is back in two", () => {
  const [free, taken]: StepTimes[] = [
    [1, 0.6],
    [1, 5],
  ] as const;
  const { machine, pace, runFor } = simulated(free);
  for (let turn = 0; turn < 5; turn++) {
    runFor(5000);
    expect(pace.threads).toBe(2);
    machine.times = taken;
    runFor(330);
    expect(pace.threads).toBe(1);
    runFor(7000);
    expect(pace.threads).toBe(1);
    machine.times = free;
    runFor(2000);
    expect(pace.threads).toBe(2);
  }
});

test("steps of seconds are not spent on trials that would lose more than they can win", () => {
  const { machine, runFor } = simulated([8000, 4200, 3000, 2400]);
  runFor(120_000, 1);
  const best = 2400 * machine.ran.reduce((sum, [, , steps]) => sum + steps, 0);
  expect(machine.nowMs / best).toBeLessThan(1.035);
});

test("every step is run once, in order, whoever runs it", () => {
  const { machine, runFor } = simulated([1, 0.7, 0.9], new Lately(3), unsteady(9));
  for (const steps of [1, 7, 100]) runFor(4000, steps);
  let next = 0;
  for (const [, first, steps] of machine.ran) {
    expect(first).toBe(next);
    expect(steps).toBeGreaterThan(0);
    next += steps;
  }
  expect(new Set(machine.ran.map(([threads]) => threads))).toEqual(new Set([1, 2, 3]));
});

test("a step now and then runs on what was lately faster for the team's other entries", () => {
  const lately = new Lately(2);
  const often = simulated([1, 5], lately);
  const seldom = simulated([1, 5], lately);
  seldom.pace.run(0, 1);
  expect(seldom.pace.threads).toBe(2);
  often.runFor(3000);
  seldom.machine.nowMs = often.machine.nowMs;
  seldom.pace.run(1, 1);
  expect(seldom.machine.ran).toEqual([
    [2, 0, 1],
    [1, 1, 1],
  ]);
  const fresh = simulated([1, 5], lately);
  fresh.pace.run(0, 1);
  expect(fresh.machine.ran).toEqual([[1, 0, 1]]);
});

test("an entry that found its own number keeps to it, whatever is faster for others", () => {
  const lately = new Lately(2);
  const small = simulated([1, 2], lately);
  const large = simulated([10, 6], lately);
  for (let turn = 0; turn < 100; turn++) {
    small.runFor(100, 4);
    large.machine.nowMs = small.machine.nowMs;
    large.runFor(100, 4);
    small.machine.nowMs = large.machine.nowMs;
  }
  expect(small.pace.threads).toBe(1);
  expect(large.pace.threads).toBe(2);
});
