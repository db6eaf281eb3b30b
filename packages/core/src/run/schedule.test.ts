import { expect, test } from "vitest";
import { type OneCycleOptions, oneCycle } from "./one-cycle.js";

/** Every learning rate of a training of 4 epochs of 101 steps. */
function ratesOf(options: Partial<OneCycleOptions> = {}): number[] {
  const rate = oneCycle({ peak: 0.02, epochs: 4, ...options });
  return Array.from({ length: 404 }, (_, step) => rate(step, 101));
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
  const rate = oneCycle({ peak: 1, epochs: 1, warmUp: 0, end: 0.1 });
  expect(rate(0, 10)).toBe(1);
  expect([9, 10, 500].map((step) => rate(step, 10))).toEqual([0.1, 0.1, 0.1]);
  expect(oneCycle({ peak: 1, epochs: 1 })(0, 1)).toBe(1);
  expect(oneCycle({ peak: 1, epochs: 1, warmUp: 1 })(9, 10)).toBe(1);
});

test("what makes no schedule is refused", () => {
  for (const peak of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => oneCycle({ peak, epochs: 1 })).toThrow(/oneCycle: the peak is .*above 0/);
  }
  expect(() => oneCycle({ peak: 1, epochs: 0 })).toThrow(/epochs/);
  expect(() => oneCycle({ peak: 1, epochs: 1, warmUp: 1.5 })).toThrow(/warmUp is 1.5/);
  expect(() => oneCycle({ peak: 1, epochs: 1, end: Number.NaN })).toThrow(/end is NaN/);
});
