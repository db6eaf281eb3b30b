/** Each model's figures on each data set, over its seeds. */
import { typedErrors } from "@hone/core";
import type { StudyRecord, StudyRun } from "./records.js";
import { meanOf, type Spread, spreadOf } from "./statistics.js";

export interface ModelSummary {
  readonly dataset: string;
  readonly model: string;
  /** Of the finished runs, ascending. */
  readonly seeds: readonly number[];
  /** Seeds whose training diverged; no figure below counts them. */
  readonly divergedSeeds: readonly number[];
  /** On the test set, after the last epoch. */
  readonly accuracy: Spread;
  /** Each run's mean over its last three epochs (8–10 of 10): less noise than a single one. */
  readonly lateAccuracy: Spread;
  readonly testLoss: Spread;
  /** In the last epoch, with dropout where the model has it. */
  readonly trainingAccuracy: Spread;
  /** Of all epochs of a run, steps alone. */
  readonly trainingSeconds: Spread;
  readonly imagesPerSecond: Spread;
}

const LATE_EPOCHS = 3;

/** First and last of the epochs whose mean is `lateAccuracy`. */
export function lateEpochs(epochs: number): readonly [number, number] {
  return typedErrors("lateEpochs", () => [Math.max(1, epochs - LATE_EPOCHS + 1), epochs]);
}

/** One for each data set and model that has a run, data sets first, in the order of the settings. */
export function summariseStudy(given: StudyRecord): readonly ModelSummary[] {
  return typedErrors("summariseStudy", () => {
    const { settings, runs } = given;
    const summaries: ModelSummary[] = [];
    for (const { name: dataset } of settings.datasets) {
      for (const { name: model } of settings.models) {
        const own = runsOf(runs, dataset, model);
        if (own.length > 0) summaries.push(summarise(dataset, model, own));
      }
    }
    return summaries;
  });
}

/** The runs of one model on one data set, by ascending seed. */
export function runsOf(
  runs: readonly StudyRun[],
  dataset: string,
  model: string,
): readonly StudyRun[] {
  return typedErrors("runsOf", () => {
    return runs
      .filter(({ settings }) => settings.data.name === dataset && settings.model === model)
      .sort((a, b) => a.settings.seed - b.settings.seed);
  });
}

export function isFinished(run: StudyRun): boolean {
  return run.outcome.kind === "finished";
}

function summarise(dataset: string, model: string, runs: readonly StudyRun[]): ModelSummary {
  const finished = runs.filter(isFinished);
  const over = (figure: (run: StudyRun) => number) => spreadOf(finished.map(figure));
  const last = (run: StudyRun) => run.epochs.at(-1);
  return {
    dataset,
    model,
    seeds: finished.map(({ settings }) => settings.seed),
    divergedSeeds: runs.filter((run) => !isFinished(run)).map(({ settings }) => settings.seed),
    accuracy: over((run) => last(run)?.testAccuracy ?? Number.NaN),
    lateAccuracy: over((run) =>
      meanOf(run.epochs.slice(-LATE_EPOCHS).map(({ testAccuracy }) => testAccuracy)),
    ),
    testLoss: over((run) => last(run)?.testLoss ?? Number.NaN),
    trainingAccuracy: over((run) => last(run)?.accuracy ?? Number.NaN),
    trainingSeconds: over(({ time }) => time.trainingSeconds),
    imagesPerSecond: over(
      ({ settings, epochs, time }) =>
        (settings.data.trainRows * epochs.length) / time.trainingSeconds,
    ),
  };
}

/** A figure after each epoch, over the seeds. */
export interface CurvePoint {
  readonly epoch: number;
  readonly trainingLoss: Spread;
  readonly testLoss: Spread;
  readonly trainingAccuracy: Spread;
  readonly testAccuracy: Spread;
}

/** The curves of one model on one data set; a diverged run is part of them as far as it came. */
export function curveOf(runs: readonly StudyRun[]): readonly CurvePoint[] {
  return typedErrors("curveOf", () => {
    const longest = Math.max(0, ...runs.map(({ epochs }) => epochs.length));
    return Array.from({ length: longest }, (_, index) => {
      const epochs = runs.flatMap(({ epochs }) => epochs[index] ?? []);
      return {
        epoch: index + 1,
        trainingLoss: spreadOf(epochs.map(({ loss }) => loss)),
        testLoss: spreadOf(epochs.map(({ testLoss }) => testLoss)),
        trainingAccuracy: spreadOf(epochs.map(({ accuracy }) => accuracy)),
        testAccuracy: spreadOf(epochs.map(({ testAccuracy }) => testAccuracy)),
      };
    });
  });
}
