import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { tuningEffects } from "./tuning-effects.js";
import {
  type TuningReportRecord,
  type TuningReportTrial,
  tuningReportHtml,
} from "./tuning-page.js";

const surroundings = () => parseHTML("<!doctype html><html><body></body></html>");
const render = (record: TuningReportRecord) => tuningReportHtml(record, surroundings());

const trial = (
  number: number,
  values: readonly number[],
  more: Partial<TuningReportTrial> = {},
): TuningReportTrial => ({
  trial: number,
  epochs: 3,
  configuration: { filters: number % 2 === 0 ? "64" : "32", dropout: "0.5" },
  validationAccuracies: values,
  validationLoss: 0.25,
  reason: null,
  ...more,
});

function record(trials: readonly TuningReportTrial[]): TuningReportRecord {
  const scored = trials.map(({ configuration, validationAccuracies: [score] }) => ({
    configuration: { filters: Number(configuration.filters) },
    score,
  }));
  return {
    ...{ model: "cnn", dataset: "digits", synthetic: true, settings: { seed: 1 } },
    trials,
    effects: tuningEffects(scored),
    effectsEpochs: 1,
    winner: {
      ...{ trial: 2, validationAccuracy: 0.9, accuracy: 0.875, loss: 0.5, images: 8, seeds: 1 },
      confusion: [
        [3, 1],
        [0, 4],
      ],
    },
  };
}

test("a page tells the winner with both its accuracies, every trial, and the effect of each choice", () => {
  const text = render(record([trial(2, [0.9]), trial(1, [0.7])]));
  const { document } = parseHTML(text);
  expect(document.querySelector(".lead")?.textContent).toBe(
    "Of 2 trials, trial 2 is the best: filters 64, dropout 0.5. It has 90.00 % accuracy on the validation images " +
      "that chose it, and 87.50 % on the test images, which only it was shown.",
  );
  const titles = [...document.querySelectorAll("figcaption strong")].map(
    (each) => each.textContent,
  );
  expect(titles).toEqual([
    "Validation accuracy of each trial",
    "Effect of filters",
    "Confusion matrix",
  ]);
  expect(text).toContain("The means are 20.00 points apart.");
  expect(document.querySelectorAll("#part-leaderboard tbody tr")).toHaveLength(2);
  expect(text).toContain("The images are synthetic, drawn by code.");
  expect(render(record([trial(2, [0.9]), trial(1, [0.7])]))).toBe(text);
});

test("spreads over seeds and the rungs of halving are told apart", () => {
  const text = render(record([trial(2, [0.8, 0.9]), trial(1, [0.95, 0.7], { epochs: 1 })]));
  const { document } = parseHTML(text);
  expect(text).toContain("bars reach from lowest to highest");
  const legend = [...document.querySelectorAll(".legend")][0];
  expect(legend?.textContent).toBe("after 3 epochsafter 1 epoch");
});

test("failed trials are listed with their reasons, and a search of failures has no winner", () => {
  const failed = { validationLoss: null, reason: "seed 1: the loss is NaN" };
  const { winner: _, ...rest } = record([trial(2, [], failed), trial(1, [], failed)]);
  const { document } = parseHTML(render(rest));
  expect(document.querySelector(".lead")?.textContent).toBe("Every trial failed.");
  expect(document.body.textContent).toContain("Trial 1 failed: seed 1: the loss is NaN.");
  expect(document.querySelectorAll("tr.strong")).toHaveLength(0);
  expect(document.body.textContent).not.toContain("test accuracy");
});

test("of many trials the plot shows the best, the table all", () => {
  const text = render(record(Array.from({ length: 60 }, (_, index) => trial(index + 1, [0.5]))));
  expect(text).toContain("the first 40 of 60");
  expect(parseHTML(text).document.querySelectorAll("#part-leaderboard tbody tr")).toHaveLength(60);
});
