/** All figures of a study as plain data: what `study.json` holds and every report is made of. */

import { typedErrors } from "@hone/core";
import { type ConfusedPair, confusedPairs } from "../mistakes.js";
import { type Conclusion, conclude } from "./conclusions.js";
import {
  addMatrices,
  type CountMatrix,
  confusionOf,
  mistakesOf,
  rowShares,
  type SharedMistakes,
  type StudyMistake,
  sharedMistakes,
} from "./mistakes.js";
import { decodePredictions, type Predictions } from "./predictions.js";
import type { StudyRecord, StudyRun, StudyTestSet } from "./records.js";
import { meanOf } from "./statistics.js";
import {
  type CurvePoint,
  curveOf,
  isFinished,
  type ModelSummary,
  runsOf,
  summariseStudy,
} from "./summaries.js";
import { type TuningTable, tunedName, tuningEffects } from "./tuning-effects.js";

/** The curves of one model on one data set. */
export interface ModelCurve {
  readonly dataset: string;
  readonly model: string;
  readonly points: readonly CurvePoint[];
}

/** What one model took for what on one data set. */
export interface ModelMistakes {
  readonly dataset: string;
  readonly model: string;
  /** Summed over the seeds. */
  readonly confusion: CountMatrix;
  /** Each count as a share of its row. */
  readonly rowShares: CountMatrix;
  readonly pairs: readonly ConfusedPair[];
  /** Of which seed the mistakes are. */
  readonly seed: number;
  readonly mistakes: number;
  /** The most confident ones. */
  readonly confident: readonly StudyMistake[];
}

/** Who of two models got an image wrong, on one data set. */
export interface PairMistakes {
  readonly dataset: string;
  readonly first: string;
  readonly second: string;
  /** Seeds both models have; the counts are means over them. */
  readonly seeds: readonly number[];
  readonly bothRight: number;
  readonly onlyFirstWrong: number;
  readonly onlySecondWrong: number;
  readonly bothWrong: number;
  readonly sameAnswer: number;
  readonly expectedBothWrong: number;
  /** Test images of the first of the seeds. */
  readonly rows: {
    readonly onlyFirstWrong: readonly number[];
    readonly onlySecondWrong: readonly number[];
    readonly bothWrong: readonly number[];
  };
}

export interface StudyFigures {
  /** Of the four models of the study. */
  readonly summaries: readonly ModelSummary[];
  /** Of the variants with a single tuning choice. */
  readonly variants: readonly ModelSummary[];
  readonly curves: readonly ModelCurve[];
  readonly mistakes: readonly ModelMistakes[];
  readonly shared: readonly PairMistakes[];
  readonly tuning: readonly TuningTable[];
  readonly conclusions: readonly Conclusion[];
}

const CONFIDENT = 22;

/** @throws BadData for predictions that are damaged */
export function studyFigures(record: StudyRecord): StudyFigures {
  return typedErrors("studyFigures", () => {
    const all = summariseStudy(record);
    const isVariant = new Set(
      record.settings.models.flatMap(({ name, variant }) => (variant ? [name] : [])),
    );
    const summaries = all.filter(({ model }) => !isVariant.has(model));
    return {
      summaries,
      variants: all.filter(({ model }) => isVariant.has(model)),
      curves: summaries.map(({ dataset, model }) => ({
        dataset,
        model,
        points: curveOf(runsOf(record.runs, dataset, model)),
      })),
      mistakes: summaries.flatMap(({ dataset, model }) => modelMistakes(record, dataset, model)),
      shared: record.settings.datasets.flatMap(({ name }) =>
        [
          ["cnn", "mlp"],
          [tunedName("cnn"), tunedName("mlp")],
        ].flatMap(([first, second]) => pairMistakes(record, name, first!, second!)),
      ),
      tuning: tuningEffects(record, all),
      conclusions: conclude(record, summaries),
    };
  });
}

/** What a finished run said of each test image. */
export function predictionsOf({ outcome }: StudyRun): Predictions | undefined {
  return outcome.kind === "finished" ? decodePredictions(outcome.predictions) : undefined;
}

function modelMistakes(
  { runs, tests }: StudyRecord,
  dataset: string,
  model: string,
): readonly ModelMistakes[] {
  const test = testOf(tests, dataset);
  const finished = runsOf(runs, dataset, model).filter(isFinished);
  const [first] = finished;
  if (test === undefined || first === undefined) return [];
  const predictions = finished.map((run) => predictionsOf(run) as Predictions);
  const size = Math.max(
    test.classNames.length,
    ...predictions.map(({ classes }) => 1 + largest(classes)),
  );
  const confusion = addMatrices(
    predictions.map(({ classes }) => confusionOf(test.labels, classes, size)),
  );
  const mistakes = mistakesOf(test.labels, predictions[0] as Predictions);
  return [
    {
      dataset,
      model,
      confusion,
      rowShares: rowShares(confusion),
      pairs: confusedPairs(confusion),
      seed: first.settings.seed,
      mistakes: mistakes.length,
      confident: mistakes.slice(0, CONFIDENT),
    },
  ];
}

function pairMistakes(
  { runs, tests }: StudyRecord,
  dataset: string,
  first: string,
  second: string,
): readonly PairMistakes[] {
  const test = testOf(tests, dataset);
  const others = runsOf(runs, dataset, second).filter(isFinished);
  const pairs = runsOf(runs, dataset, first)
    .filter(isFinished)
    .flatMap((run) => {
      const { seed } = run.settings;
      const other = others.find(({ settings }) => settings.seed === seed);
      if (other === undefined || test === undefined) return [];
      const [a, b] = [predictionsOf(run), predictionsOf(other)] as [Predictions, Predictions];
      return [{ seed, shared: sharedMistakes(test.labels, a.classes, b.classes) }];
    });
  const [example] = pairs;
  if (example === undefined) return [];
  const mean = (figure: (shared: SharedMistakes) => number) =>
    meanOf(pairs.map(({ shared }) => figure(shared)));
  const { onlyFirstWrong, onlySecondWrong, bothWrong } = example.shared;
  return [
    {
      dataset,
      first,
      second,
      seeds: pairs.map(({ seed }) => seed),
      bothRight: mean((shared) => shared.bothRight),
      onlyFirstWrong: mean((shared) => shared.onlyFirstWrong.length),
      onlySecondWrong: mean((shared) => shared.onlySecondWrong.length),
      bothWrong: mean((shared) => shared.bothWrong.length),
      sameAnswer: mean((shared) => shared.sameAnswer),
      expectedBothWrong: mean((shared) => shared.expectedBothWrong),
      rows: { onlyFirstWrong, onlySecondWrong, bothWrong },
    },
  ];
}

function testOf(tests: readonly StudyTestSet[], dataset: string): StudyTestSet | undefined {
  return tests.find(({ name }) => name === dataset);
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index++)
    most = Math.max(most, values[index] as number);
  return most;
}
