import { expect, test } from "vitest";
import { checkedSchedule } from "./schedule.js";
import {
  constantRate,
  cosineDecay,
  cyclic,
  exponentialDecay,
  type OneCycleOptions,
  oneCycle,
  piecewise,
  rateOf,
  type Schedule,
  stepDecay,
  warmUp,
} from "./schedule-makers.js";

/** Every learning rate of a training of 4 epochs of 101 steps. */
function ratesOf(options: Partial<OneCycleOptions> = {}): number[] {
  const schedule = oneCycle({ peak: 0.02, epochs: 4, ...options });
  return Array.from({ length: 404 }, (_, step) => rateOf(schedule, step, 101));
}

test("the rate rises straight to the peak and falls to almost nothing", () => {
  const rates = ratesOf();
  const top = Math.round(0.25 * 403);
  expect(rates.indexOf(Math.max(...rates))).toBe(top);
  expect(rates[top]).toBe(0.02);
  expect(rates[0]).toBeCloseTo(0.02 * 0.04, 12);
  expect(rates[403]).toBeCloseTo(0.02 * 1e-4, 12);
  const changes = rates.slice(1).map((rate, step) => rate - (rates[step] as number));
  for (const [step, change] of changes.entries()) {
    if (step < top) expect(change).toBeCloseTo((0.02 * 0.96) / top, 12);
    else expect(change).toBeLessThan(0);
  }
});

test.each(["cosine", "linear"] as const)("a %s fall is half done half-way down", (fall) => {
  const rates = ratesOf({ fall, warmUp: 101 / 403, end: 0 });
  expect(rates[101]).toBe(0.02);
  expect(rates[252]).toBeCloseTo(0.01, 12);
  expect(rates[403]).toBeCloseTo(0, 12);
  // Both are symmetric about that point, so the mean is that of a triangle.
  const mean = (from: number, to: number) =>
    rates.slice(from, to).reduce((sum, rate) => sum + rate, 0) / (to - from);
  expect(mean(101, 404)).toBeCloseTo(0.01, 12);
  expect(mean(0, 102)).toBeCloseTo((0.02 * (1 + 0.04)) / 2, 12);
});

test("a cosine stays high for longer, and low for longer, than a straight fall", () => {
  const [cosine, linear] = [ratesOf({ fall: "cosine" }), ratesOf({ fall: "linear" })];
  expect(cosine[160]).toBeGreaterThan(linear[160] as number);
  expect(cosine[350]).toBeLessThan(linear[350] as number);
});

test("without warm-up the peak is first, and steps beyond the cycle stay at its end", () => {
  const rate = (options: OneCycleOptions, step: number, steps: number) =>
    rateOf(oneCycle(options), step, steps);
  const flat = { peak: 1, epochs: 1, warmUp: 0, end: 0.1 };
  expect([0, 9, 10, 500].map((step) => rate(flat, step, 10))).toEqual([1, 0.1, 0.1, 0.1]);
  expect(rate({ peak: 1, epochs: 1 }, 0, 1)).toBe(1);
  expect(rate({ peak: 1, epochs: 1, warmUp: 1 }, 9, 10)).toBe(1);
});

/** Rates of steps at 4 steps an epoch. */
const at = (schedule: Schedule, ...steps: number[]) =>
  steps.map((step) => Number(rateOf(schedule, step, 4).toPrecision(12)));

test("rates drop, decay, turn and change as they are told to", () => {
  expect(at(constantRate(0.5), 0, 99)).toEqual([0.5, 0.5]);
  expect(at(stepDecay({ start: 1, factor: 0.1, epochs: 2 }), 0, 7, 8, 16)).toEqual([
    1, 1, 0.1, 0.01,
  ]);
  expect(at(stepDecay({ start: 1, factor: 0.1, steps: 3 }), 2, 3)).toEqual([1, 0.1]);
  expect(at(exponentialDecay({ start: 1, factor: 0.25, epochs: 1 }), 0, 2, 4)).toEqual([
    1, 0.5, 0.25,
  ]);
  const ends = cosineDecay({ start: 1, end: 0.2, epochs: 2 });
  expect(at(ends, 0, 4, 8, 100)).toEqual([1, 0.6, 0.2, 0.2]);
  expect(at(cosineDecay({ start: 1, epochs: 1, restarts: 1 }), 0, 2, 4, 6)).toEqual([
    1, 0.5, 1, 0.5,
  ]);
  const longer = cosineDecay({ start: 1, epochs: 1, restarts: 2 });
  expect(at(longer, 2, 4, 8, 12, 20)).toEqual([0.5, 1, 0.5, 1, 0.5]);
  const pieces = piecewise({ boundaries: [1, 2], rates: [3, 2, 1] });
  expect(at(pieces, 3, 4, 7, 8)).toEqual([3, 2, 2, 1]);
  expect(at(piecewise({ boundaries: [3], rates: [2, 1], unit: "steps" }), 2, 3)).toEqual([2, 1]);
  const waves = cyclic({ low: 1, high: 3, epochs: 1, factor: 0.5 });
  expect(at(waves, 0, 1, 2, 3, 4, 6, 8)).toEqual([1, 2, 3, 2, 1, 2, 1]);
});

test("a warm-up rises to the schedule that follows it", () => {
  const schedule = stepDecay({ start: 1, factor: 0.1, steps: 2 });
  expect(at(warmUp({ steps: 4, schedule }), 0, 1, 3, 4, 5, 6)).toEqual([0, 0.25, 0.75, 1, 1, 0.1]);
  expect(at(warmUp({ epochs: 1, start: 0.5, schedule: 2 }), 0, 2, 4)).toEqual([1, 1.5, 2]);
});

test("a number, a schedule out of JSON and a function become functions", () => {
  const schedules: Schedule[] = [
    constantRate(0.3),
    stepDecay({ start: 1, factor: 0.1, epochs: 2 }),
    exponentialDecay({ start: 1, factor: 0.1, steps: 9 }),
    cosineDecay({ start: 1, epochs: 2, restarts: 2 }),
    warmUp({ epochs: 0.5, schedule: oneCycle({ peak: 1, epochs: 3 }) }),
    piecewise({ boundaries: [1], rates: [1, 2] }),
    cyclic({ low: 0, high: 1, epochs: 2 }),
  ];
  for (const schedule of schedules) {
    const rate = checkedSchedule(JSON.parse(JSON.stringify(schedule)));
    for (const step of [0, 1, 7, 30]) expect(rate(step, 4)).toBe(rateOf(schedule, step, 4));
  }
  expect(checkedSchedule(0.25)(7, 4)).toBe(0.25);
  expect(checkedSchedule((step: number) => step)(7, 4)).toBe(7);
});

test("what makes no schedule is refused by name", () => {
  for (const peak of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => oneCycle({ peak, epochs: 1 })).toThrow(/oneCycle: the peak is .*above 0/);
  }
  expect(() => oneCycle({ peak: 1, epochs: 0 })).toThrow(/epochs/);
  expect(() => oneCycle({ peak: 1, epochs: 1, warmUp: 1.5 })).toThrow(/warmUp is 1.5/);
  expect(() => oneCycle({ peak: 1, epochs: 1, end: Number.NaN })).toThrow(/end is NaN/);
  expect(() => oneCycle({ peak: 1, epochs: 1, fall: "steep" as never })).toThrow(/fall is "steep"/);
  expect(() => stepDecay({ start: 1, factor: 0.5 })).toThrow(/Give one of them/);
  expect(() => stepDecay({ start: 1, factor: 0.5, epoch: 3 } as never)).toThrow(
    /no option "epoch"/,
  );
  expect(() => cosineDecay({ start: 1, steps: 1, restarts: 0.5 })).toThrow(/restarts is 0.5/);
  expect(() => piecewise({ boundaries: [2, 1], rates: [1, 1, 1] })).toThrow(/above the one before/);
  expect(() => piecewise({ boundaries: [2], rates: [1] })).toThrow(/one rate more/);
  expect(() => cyclic({ low: 2, high: 1, steps: 5 })).toThrow(/high is 1.*above low, which is 2/);
  expect(() => warmUp({ steps: 3, schedule: { kind: "cold" } as never })).toThrow(/of kind "cold"/);
  for (const given of ["fast", -1, null, undefined, {}]) {
    expect(() => checkedSchedule(given)).toThrow(/^\[hone\] learningRate: /);
  }
});
