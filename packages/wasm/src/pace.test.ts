import { expect, test } from "vitest";
import { Pace } from "./pace.js";

/** A clock that runs of steps move on, and what was run. */
function timed(msPerStep: Record<number, number>) {
  let nowMs = 0;
  const ran: [threads: number, first: number, steps: number][] = [];
  const pace = new Pace(
    4,
    (threads, first, steps) => {
      ran.push([threads, first, steps]);
      nowMs += steps * (msPerStep[threads] as number);
    },
    () => nowMs,
  );
  return { pace, ran, wait: (ms: number) => (nowMs += ms) };
}

test("all threads stay at work while they are faster, and one is tried now and then", () => {
  const { pace, ran } = timed({ 1: 4, 4: 1 });
  for (let run = 0; run < 30; run++) pace.run(100 * run, 100);
  expect(pace.threads).toBe(4);
  const alone = ran.filter(([threads]) => threads === 1);
  expect(alone.length).toBeGreaterThan(1);
  expect(alone.every(([, , steps]) => steps === 2)).toBe(true);
});

test("every step is run once, in order, whoever runs it", () => {
  const { pace, ran } = timed({ 1: 1, 4: 30 });
  for (let run = 0; run < 20; run++) pace.run(50 * run, 50);
  let next = 0;
  for (const [, first, steps] of ran) {
    expect(first).toBe(next);
    next += steps;
  }
  expect(next).toBe(1000);
});

test("one thread goes on alone where others hold it up, and takes them back when they do not", () => {
  const times: Record<number, number> = { 1: 4, 4: 40 };
  const { pace, wait } = timed(times);
  pace.run(0, 100);
  expect(pace.threads).toBe(4);
  wait(2000);
  pace.run(0, 100);
  expect(pace.threads).toBe(1);
  times[4] = 1;
  pace.run(100, 100);
  expect(pace.threads).toBe(1);
  wait(2000);
  pace.run(200, 100);
  expect(pace.threads).toBe(4);
});

test("runs too short to compare are left as they are", () => {
  const { pace, ran } = timed({ 1: 1, 4: 40 });
  for (let run = 0; run < 100; run++) pace.run(run, 1);
  expect(ran.every(([threads]) => threads === 4)).toBe(true);
});
