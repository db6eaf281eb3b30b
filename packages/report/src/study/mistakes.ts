/** What models got wrong: which classes they take for which, with what confidence, and in whose company. */
import { HoneError, typedErrors } from "@hone/core";
import type { Predictions } from "./predictions.js";

/** `matrix[truth][prediction]`: images. */
export type CountMatrix = readonly (readonly number[])[];

/** @throws BadArgument unless there are as many predictions as labels */
export function confusionOf(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): CountMatrix {
  return typedErrors("confusionOf", () => {
    checkLengths(labels, predicted);
    const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (let row = 0; row < labels.length; row++) {
      const counts = matrix[labels[row] as number] as number[];
      const prediction = predicted[row] as number;
      counts[prediction] = (counts[prediction] ?? 0) + 1;
    }
    return matrix;
  });
}

/** Sums matrices of one size; of none, there is none. */
export function addMatrices(matrices: readonly CountMatrix[]): CountMatrix {
  return typedErrors("addMatrices", () => {
    const [first = [], ...others] = matrices;
    return first.map((row, truth) =>
      row.map((count, prediction) =>
        others.reduce((sum, matrix) => sum + (matrix[truth]?.[prediction] ?? 0), count),
      ),
    );
  });
}

/** Each count as a share of its row; a class without images has NaN. */
export function rowShares(matrix: CountMatrix): CountMatrix {
  return typedErrors("rowShares", () => {
    return matrix.map((row) => {
      const images = row.reduce((sum, count) => sum + count, 0);
      return row.map((count) => count / images);
    });
  });
}

export interface StudyMistake {
  /** Which test image, from 0. */
  readonly row: number;
  readonly truth: number;
  readonly predicted: number;
  /** The probability given to the wrong class. */
  readonly confidence: number;
}

/** All mistakes, the most confident first. @throws BadArgument as `confusionOf` */
export function mistakesOf(
  labels: ArrayLike<number>,
  options: Predictions,
): readonly StudyMistake[] {
  return typedErrors("mistakesOf", () => {
    const { classes, confidence } = options;
    checkLengths(labels, classes);
    const mistakes: StudyMistake[] = [];
    for (let row = 0; row < labels.length; row++) {
      const truth = labels[row] as number;
      const predicted = classes[row] as number;
      if (truth === predicted) continue;
      mistakes.push({ row, truth, predicted, confidence: confidence[row] as number });
    }
    return mistakes.sort((a, b) => b.confidence - a.confidence);
  });
}

/** Test images by who got them right, of two models. */
export interface SharedMistakes {
  readonly bothRight: number;
  /** Rows that the first got wrong and the second right. */
  readonly onlyFirstWrong: readonly number[];
  readonly onlySecondWrong: readonly number[];
  readonly bothWrong: readonly number[];
  /** Of `bothWrong`, those that both took for the same class. */
  readonly sameAnswer: number;
  /** How many both would get wrong if their mistakes had nothing to do with each other. */
  readonly expectedBothWrong: number;
}

/** @throws BadArgument as `confusionOf` */
export function sharedMistakes(
  labels: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): SharedMistakes {
  return typedErrors("sharedMistakes", () => {
    checkLengths(labels, first);
    checkLengths(labels, second);
    const [onlyFirstWrong, onlySecondWrong, bothWrong]: [number[], number[], number[]] = [
      [],
      [],
      [],
    ];
    let bothRight = 0;
    let sameAnswer = 0;
    for (let row = 0; row < labels.length; row++) {
      const firstRight = first[row] === labels[row];
      const secondRight = second[row] === labels[row];
      if (firstRight && secondRight) bothRight++;
      else if (secondRight) onlyFirstWrong.push(row);
      else if (firstRight) onlySecondWrong.push(row);
      else {
        bothWrong.push(row);
        if (first[row] === second[row]) sameAnswer++;
      }
    }
    const firstWrong = onlyFirstWrong.length + bothWrong.length;
    const secondWrong = onlySecondWrong.length + bothWrong.length;
    return {
      bothRight,
      onlyFirstWrong,
      onlySecondWrong,
      bothWrong,
      sameAnswer,
      expectedBothWrong: (firstWrong * secondWrong) / labels.length,
    };
  });
}

function checkLengths(labels: ArrayLike<number>, predicted: ArrayLike<number>): void {
  if (labels.length === predicted.length) return;
  const what = `${predicted.length} predictions were given for ${labels.length} labels. Give one each.`;
  throw new HoneError("BadArgument", "mistakes", what);
}
