import { expect, test } from "vitest";
import { conclude } from "./conclusions.js";
import type { StudyRecord } from "./records.js";
import { studyFigures } from "./study-figures.js";
import { studyText } from "./study-text.js";
import { summariseStudy } from "./summaries.js";
import {
  endingIn,
  plainCnn,
  plainMlp,
  type SmallRun,
  smallStudy,
  tunedCnn,
} from "./test/small-study.js";

const concluded = (record: StudyRecord) => conclude(record, summariseStudy(record));

function seeds(model: SmallRun["model"], accuracies: readonly number[], seconds = 2): SmallRun[] {
  return accuracies.map((accuracy, index) => ({
    model,
    seed: index + 1,
    accuracies: endingIn(accuracy, accuracy, accuracy),
    seconds,
  }));
}

test("a published figure is met when the mean rounds to it, and missed below", () => {
  const verdict = (accuracy: number) =>
    concluded(smallStudy(seeds(plainCnn, [accuracy, accuracy]))).find(
      ({ topic }) => topic === "published",
    );
  expect(verdict(0.9851)).toMatchObject({ met: true, dataset: "mnist", model: "cnn" });
  expect(verdict(0.9849)).toMatchObject({ met: false });
  expect(verdict(0.9849)?.text).toBe(
    "cnn on mnist reaches 98.49 % ± 0.00 (mean of 2 seeds) over epochs 8–10, or 98 % in whole percents, which misses the published 99 %.",
  );
});

test("the reference is reached when mean and two standard errors reach it, and one seed says nothing", () => {
  const about = (...accuracies: number[]) =>
    concluded(smallStudy(seeds(plainCnn, accuracies))).find(({ topic }) => topic === "reference");
  // Mean 0.989, standard error 0.001: 0.991 ≥ 0.9901.
  expect(about(0.988, 0.99)).toMatchObject({ met: true });
  expect(about(0.988, 0.988)).toMatchObject({ met: false });
  expect(about(0.995)).toBeUndefined();
});

test("a tuned model is said to gain or to lose, and whether chance explains it", () => {
  const about = (plain: number[], tuned: number[]) =>
    concluded(smallStudy([...seeds(plainCnn, plain), ...seeds(tunedCnn, tuned, 12)])).find(
      ({ topic }) => topic === "tuning",
    )?.text;
  expect(about([0.99, 0.992], [0.97, 0.972])).toMatch(
    /^On mnist cnn-tuned loses 2\.00 points against cnn \(97\.10 % against 99\.10 %\), beyond two standard errors .*6\.0 times the training time\.$/,
  );
  expect(about([0.98, 0.99], [0.981, 0.992])).toMatch(/gains 0\.15 points .* within two standard/);
  expect(about([0.98], [0.99])).toMatch(/gains 1\.00 points .* one seed cannot tell from chance/);
});

test("of the families the better and the faster one are named, whichever they are", () => {
  const about = (cnn: number, mlp: number) =>
    concluded(smallStudy([...seeds(plainCnn, [cnn], 5), ...seeds(plainMlp, [mlp], 1)])).find(
      ({ topic }) => topic === "families",
    )?.text;
  expect(about(0.99, 0.98)).toMatch(
    /cnn is 1\.00 points above mlp.*: 50 % fewer mistakes\. mlp trains 5\.0 times as fast \(10\.0 s against 50\.0 s\)/,
  );
  expect(about(0.97, 0.98)).toMatch(/mlp is 1\.00 points above cnn/);
});

test("a study with other settings than the published one neither meets nor misses it", () => {
  const study = smallStudy(seeds(plainCnn, [0.5]));
  const shorter = { ...study, settings: { ...study.settings, epochs: 2 } };
  const conclusions = concluded(shorter);
  expect(conclusions[0]).toMatchObject({ topic: "comparability" });
  expect(conclusions[0]?.text).toContain("2 epochs instead of 10");
  expect(conclusions.find(({ topic }) => topic === "published")).not.toHaveProperty("met");
  expect(conclusions.some(({ topic }) => topic === "reference")).toBe(false);
});

test("what is synthetic and what diverged is said, and a set without published figures is held to none", () => {
  const study = smallStudy([
    { model: plainMlp, dataset: "digits", accuracies: [0.1], diverged: "step 3: the loss is NaN" },
  ]);
  expect(concluded(study).map(({ text }) => text)).toEqual([
    "The images of digits are synthetic, drawn by code.",
    "mlp on digits diverged with seed 1; no figure counts what diverged.",
  ]);
  expect(studyText(study, studyFigures(study))).toContain("0 (1 diverged)");
});

test("the text has a line for each model, in parts of 80 columns, and marks what is met and what is not", () => {
  const study = smallStudy([...seeds(plainCnn, [0.99, 0.991]), ...seeds(plainMlp, [0.9, 0.9])]);
  const text = studyText(study, studyFigures(study));
  expect(text).toMatch(/^mnist +cnn +2 +99\.05 % ± 0\.07 +99\.05 % ± 0\.05 +99 %$/m);
  expect(text).toMatch(/^mnist +cnn +20\.0 s +30,000$/m);
  expect(text).toMatch(/^✓ cnn on mnist reaches/m);
  expect(text).toMatch(/^✗ mlp on mnist reaches/m);
});

test("confusion adds up over seeds; shared mistakes are means over the seeds both have", () => {
  const study = smallStudy([
    { model: plainCnn, seed: 1, accuracies: [0.9], classes: "1000111222" },
    { model: plainCnn, seed: 2, accuracies: [0.9], classes: "0000111221" },
    { model: plainMlp, seed: 1, accuracies: [0.8], classes: "1100111222" },
    { model: plainMlp, seed: 2, accuracies: [0.8], classes: "0000111222" },
  ]);
  const { mistakes, shared } = studyFigures(study);
  expect(mistakes[0]).toMatchObject({
    model: "cnn",
    confusion: [
      [7, 1, 0],
      [0, 6, 0],
      [0, 1, 5],
    ],
    rowShares: [
      [7 / 8, 1 / 8, 0],
      [0, 1, 0],
      [0, 1 / 6, 5 / 6],
    ],
    pairs: [
      { truth: 0, predicted: 1, count: 1, share: 1 / 8 },
      { truth: 2, predicted: 1, count: 1, share: 1 / 6 },
    ],
    seed: 1,
    mistakes: 1,
    confident: [{ row: 0, truth: 0, predicted: 1 }],
  });
  expect(shared).toMatchObject([
    {
      first: "cnn",
      second: "mlp",
      seeds: [1, 2],
      bothRight: 8.5,
      onlyFirstWrong: 0.5,
      onlySecondWrong: 0.5,
      bothWrong: 0.5,
      sameAnswer: 0.5,
      rows: { bothWrong: [0], onlySecondWrong: [1], onlyFirstWrong: [] },
    },
  ]);
});
