import { expect, test } from "vitest";
import { type ScoredTrial, tuningEffects } from "./tuning-effects.js";

const trial = (
  configuration: ScoredTrial["configuration"],
  score: number | undefined,
): ScoredTrial => ({ configuration, score });

test("each choice gets the mean of all trials that made it, and each parameter its spread", () => {
  const effects = tuningEffects([
    trial({ filters: 64, rate: 0.001 }, 0.9),
    trial({ filters: 64, rate: 0.01 }, 0.8),
    trial({ filters: 32, rate: 0.001 }, 0.7),
    trial({ filters: 32, rate: 0.01 }, 0.5),
  ]);
  expect(effects.map(({ parameter }) => parameter)).toEqual(["filters", "rate"]);
  expect(effects[0]?.choices).toEqual([
    { label: "32", trials: 2, failed: 0, mean: 0.6, least: 0.5, most: 0.7 },
    { label: "64", trials: 2, failed: 0, mean: expect.closeTo(0.85, 12), least: 0.8, most: 0.9 },
  ]);
  expect(effects[0]?.spread).toBeCloseTo(0.25, 12);
  expect(effects[1]?.spread).toBeCloseTo(0.15, 12);
});

test("failed trials are counted and left out of the mean", () => {
  const [units] = tuningEffects([
    trial({ units: [256, 128] }, undefined),
    trial({ units: [128, 64] }, 0.5),
    trial({ units: [128, 64] }, undefined),
  ]);
  expect(units).toEqual({
    parameter: "units",
    choices: [
      { label: "256-128", trials: 0, failed: 1, mean: null, least: null, most: null },
      { label: "128-64", trials: 1, failed: 1, mean: 0.5, least: 0.5, most: 0.5 },
    ],
    spread: 0,
  });
});

const binsOf = (values: readonly number[]) => {
  const trials = values.map((rate) => trial({ rate }, rate));
  const [effect] = tuningEffects(trials, { ranges: ["rate"] });
  return effect?.choices.map(({ label, trials: count }) => [label, count]);
};

test("values of a range are put into four bins of about equally many trials, equal values together", () => {
  expect(binsOf(Array.from({ length: 12 }, (_, index) => 12 - index))).toEqual([
    ["1 to 3", 3],
    ["4 to 6", 3],
    ["7 to 9", 3],
    ["10 to 12", 3],
  ]);
  expect(binsOf([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7])).toEqual([
    ["0.1 to 0.3", 3],
    ["0.4 to 0.5", 2],
    ["0.6 to 0.7", 5],
  ]);
  expect(binsOf([0.0001234567, 0.25, 1])).toEqual([
    ["0.000123 to 0.25", 2],
    ["1", 1],
  ]);
});

test("every value of a list is a choice of its own", () => {
  const trials = [10, 9, 2, 1, 3].map((filters) => trial({ filters }, filters));
  const [filters] = tuningEffects(trials);
  expect(filters?.choices.map(({ label }) => label)).toEqual(["1", "2", "3", "9", "10"]);
});

test("a parameter that never changed has no effect to tell", () => {
  expect(tuningEffects([trial({ dropout: 0 }, 1), trial({ dropout: 0 }, 0.5)])).toEqual([]);
  expect(tuningEffects([])).toEqual([]);
});
