import { expect, test } from "vitest";
import { differenceByYardstick, differenceOf, spreadOf } from "./statistics.js";
import { curveOf, lateEpochs, summariseStudy } from "./summaries.js";
import {
  endingIn,
  plainCnn,
  plainMlp,
  smallStudy,
  tunedCnn,
  variantCnn,
} from "./test/small-study.js";
import { tuningEffects } from "./tuning-effects.js";

test("a spread has the sample's deviation and the mean's standard error, and neither for one value", () => {
  // Squares around 2: 1 + 0 + 1 = 2; 2 / (3 − 1) = 1.
  expect(spreadOf([1, 2, 3])).toEqual({
    count: 3,
    mean: 2,
    deviation: 1,
    error: 1 / Math.sqrt(3),
    least: 1,
    most: 3,
  });
  expect(spreadOf([5])).toMatchObject({ mean: 5, deviation: null, error: null });
});

test("a difference is clear when it exceeds two standard errors of it", () => {
  const [low, high] = [spreadOf([1, 2, 3]), spreadOf([4, 5, 6])];
  const margin = expect.closeTo(2 * Math.sqrt(1 / 3 + 1 / 3), 12);
  expect(differenceOf(high, low)).toEqual({ value: 3, margin, clear: true });
  expect(differenceOf(spreadOf([2, 3, 4]), low)).toEqual({ value: 1, margin, clear: false });
  expect(differenceOf(spreadOf([9]), low)).toEqual({ value: 7, margin: null, clear: null });
  // One run against three, with the three's deviation of 1 for both: 2 · √(1 + 1/3).
  expect(differenceByYardstick(spreadOf([9]), low)).toEqual({
    value: 7,
    margin: 2 * Math.sqrt(4 / 3),
    clear: true,
  });
});

test("the last three epochs are the late ones, or all where there are fewer", () => {
  expect([10, 3, 2, 1].map(lateEpochs)).toEqual([
    [8, 10],
    [1, 3],
    [1, 2],
    [1, 1],
  ]);
});

test("a summary takes means over seeds, of the last epoch and of the last three", () => {
  const study = smallStudy([
    { model: plainCnn, seed: 2, accuracies: endingIn(0.9, 0.92, 0.94), seconds: 4 },
    { model: plainCnn, seed: 1, accuracies: endingIn(0.96, 0.94, 0.98), seconds: 2 },
  ]);
  const [summary] = summariseStudy(study);
  expect(summary).toMatchObject({ dataset: "mnist", model: "cnn", seeds: [1, 2] });
  expect(summary?.accuracy.mean).toBeCloseTo(0.96, 12);
  // Means of the last three: 0.92 and 0.96; their deviation is 0.04 / √2.
  expect(summary?.lateAccuracy.mean).toBeCloseTo(0.94, 12);
  expect(summary?.lateAccuracy.deviation).toBeCloseTo(0.04 / Math.SQRT2, 12);
  expect(summary?.trainingSeconds.mean).toBe(30);
  // 600,000 images in 20 s and in 40 s.
  expect(summary?.imagesPerSecond.mean).toBe((30_000 + 15_000) / 2);
});

test("a diverged run counts for no figure, and its seed is named", () => {
  const [summary] = summariseStudy(
    smallStudy([
      { model: plainCnn, seed: 1, accuracies: endingIn(0.9, 0.9, 0.9) },
      { model: plainCnn, seed: 2, accuracies: [0.1], diverged: "step 900: the loss is NaN" },
    ]),
  );
  expect(summary).toMatchObject({ seeds: [1], divergedSeeds: [2], accuracy: { mean: 0.9 } });
});

test("a curve has the mean and the ends of all seeds at each epoch", () => {
  const { runs } = smallStudy([
    { model: plainCnn, seed: 1, accuracies: [0.5, 0.7] },
    { model: plainCnn, seed: 2, accuracies: [0.7, 0.8] },
  ]);
  const points = curveOf(runs);
  expect(points.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(points[0]?.testAccuracy).toMatchObject({ least: 0.5, most: 0.7 });
  expect(points[0]?.testAccuracy.mean).toBeCloseTo(0.6, 12);
  expect(points[1]?.testLoss.mean).toBe(1);
});

test("each tuning choice is measured from the plain mean, by the plain model's own spread", () => {
  const study = smallStudy([
    { model: plainCnn, seed: 1, accuracies: endingIn(0.9, 0.9, 0.9), seconds: 2 },
    { model: plainCnn, seed: 2, accuracies: endingIn(0.92, 0.92, 0.92), seconds: 2 },
    { model: plainMlp, seed: 1, accuracies: endingIn(0.8, 0.8, 0.8) },
    { model: variantCnn, seed: 1, accuracies: endingIn(0.93, 0.93, 0.93), seconds: 5 },
    { model: tunedCnn, seed: 1, accuracies: endingIn(0.97, 0.97, 0.97), seconds: 12 },
  ]);
  const [table, ...others] = tuningEffects(study, summariseStudy(study));
  expect(others).toEqual([]);
  expect(table).toMatchObject({ base: "cnn", baseSeeds: 2 });
  expect(table?.baseAccuracy).toBeCloseTo(0.91, 12);
  const deviation = 0.02 / Math.SQRT2;
  expect(table?.baseDeviation).toBeCloseTo(deviation, 12);
  const [filters, all] = table?.effects ?? [];
  expect(filters).toMatchObject({ change: "64 filters instead of 32", seeds: 1, timeRatio: 2.5 });
  expect(filters?.difference.value).toBeCloseTo(0.02, 12);
  expect(filters?.difference.margin).toBeCloseTo(2 * deviation * Math.sqrt(1 + 1 / 2), 12);
  expect(filters?.difference.clear).toBe(false);
  expect(all).toMatchObject({ change: "all of them", model: "cnn-tuned" });
  expect(all?.difference.value).toBeCloseTo(0.06, 12);
  expect(all?.difference.clear).toBe(true);
});
