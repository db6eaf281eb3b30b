/** Where a classifier went wrong. */
import { columnOf, type Dataset, inputNames, labelNames, typedErrors } from "@hone/core";
import { type ImageSize, imageRange, imageSize, labelsOf, pixelsOf } from "./dataset-images.js";

/** One picture that was taken for another class. */
export interface Mistake {
  /** Of the data set, from 0. */
  readonly row: number;
  readonly truth: number;
  readonly predicted: number;
  /** The probability that the model gave to its answer; left out where outputs are no probabilities. */
  readonly confidence?: number;
  /** Bytes, row by row, 0 for black to 255 for white. */
  readonly pixels: readonly number[];
}

export interface Mistakes extends ImageSize {
  /** How many there are in all. */
  readonly total: number;
  /** Some of them: those the model was surest of, then in the order of rows. */
  readonly shown: readonly Mistake[];
}

/** What an evaluation says of each row. */
export interface Judgement {
  readonly predicted: Int32Array;
  /** [rows, classes] */
  readonly outputs: Float32Array;
}

/**
 * The surest mistakes, at most `most` of them.
 * @returns `undefined` unless the only input is grey pictures, the only label their class, and every row was judged
 */
export function findMistakes(
  dataset: Dataset,
  options: Judgement,
  most = 40,
): Mistakes | undefined {
  return typedErrors("findMistakes", () => {
    const { predicted, outputs } = options;
    const [input, ...otherInputs] = inputNames(dataset);
    const [label, ...otherLabels] = labelNames(dataset);
    if (input === undefined || label === undefined) return undefined;
    if (otherInputs.length > 0 || otherLabels.length > 0) return undefined;
    const x = columnOf(dataset, input);
    const [size, labels] = [imageSize(x), labelsOf(dataset, label)];
    if (size === undefined || labels === undefined || predicted.length !== dataset.rows) {
      return undefined;
    }
    const classes = outputs.length / dataset.rows;
    const probable = classes > 1 && areProbabilities(outputs, classes);
    const wrong = [...predicted.keys()].filter((row) => predicted[row] !== labels[row]);
    const confidenceOf = (row: number) =>
      outputs[row * classes + (predicted[row] as number)] as number;
    if (probable)
      wrong.sort((one, other) => confidenceOf(other) - confidenceOf(one) || one - other);
    const range = imageRange(x);
    const shown = wrong.slice(0, most).map((row) => ({
      row,
      truth: labels[row] as number,
      predicted: predicted[row] as number,
      ...(probable && { confidence: confidenceOf(row) }),
      pixels: pixelsOf(x, row, range),
    }));
    return { ...size, total: wrong.length, shown };
  });
}

/** Two classes that a model mixes up: images of `truth` that were taken for `predicted`. */
export interface ConfusedPair {
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
  /** Of all images of `truth`. */
  readonly share: number;
}

/** The most frequent mistakes of a `[truth][prediction]` matrix, from the most frequent on. */
export function confusedPairs(
  confusion: readonly (readonly number[])[],
  most = 10,
): readonly ConfusedPair[] {
  return typedErrors("confusedPairs", () => {
    return confusion
      .flatMap((counts, truth) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        return counts.map((count, predicted) => ({
          truth,
          predicted,
          count,
          share: count / total,
        }));
      })
      .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
      .sort((one, other) => other.count - one.count)
      .slice(0, most);
  });
}

function areProbabilities(outputs: Float32Array, classes: number): boolean {
  for (let start = 0; start < outputs.length; start += classes) {
    let sum = 0;
    for (let index = start; index < start + classes; index++) {
      const value = outputs[index] as number;
      if (!(value >= 0)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}
