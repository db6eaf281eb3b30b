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

test("many values are put into four bins of about equally many trials, equal values together", () => {
  const values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7];
  const [dropout] = tuningEffects(values.map((dropout) => trial({ dropout }, dropout)));
  expect(dropout?.choices.map(({ label, trials }) => [label, trials])).toEqual([
    ["0.1 to 0.3", 3],
    ["0.4 to 0.5", 2],
    ["0.6 to 0.7", 5],
  ]);
  const twelve = Array.from({ length: 12 }, (_, index) => trial({ rate: 12 - index }, index));
  expect(tuningEffects(twelve)[0]?.choices.map(({ label, trials }) => [label, trials])).toEqual([
    ["1 to 3", 3],
    ["4 to 6", 3],
    ["7 to 9", 3],
    ["10 to 12", 3],
  ]);
});

test("a parameter that never changed has no effect to tell", () => {
  expect(tuningEffects([trial({ dropout: 0 }, 1), trial({ dropout: 0 }, 0.5)])).toEqual([]);
  expect(tuningEffects([])).toEqual([]);
});
