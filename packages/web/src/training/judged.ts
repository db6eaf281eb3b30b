/** What the test set says of a model: who is taken for whom, and the pictures behind it. */
import type { Evaluation } from "@hone/core/runtime";
import type { PlainDataset } from "@hone/data";

export interface Judged {
  readonly loss: number;
  readonly accuracy: number;
  /** `confusion[truth][answer]`: pictures. */
  readonly confusion: readonly (readonly number[])[];
  readonly classNames: readonly string[];
  readonly test: PlainDataset;
  readonly predicted: Int32Array;
  readonly outputs: Float32Array;
}

/** One picture, and what the model said of it. */
export interface Sample {
  readonly row: number;
  readonly truth: number;
  readonly answer: number;
  /** Of the answer. */
  readonly probability: number;
}

export function judgedOf(evaluation: Evaluation, test: PlainDataset): Judged {
  const { loss, accuracy, confusion, predicted, outputs } = evaluation;
  const classNames = test.classNames ?? confusion.map((_, index) => `${index}`);
  return { loss, accuracy, confusion, classNames, test, predicted, outputs };
}

const labelsOf = ({ test }: Judged) => test.columns.y?.data ?? new Uint8Array(0);

function sampleAt(judged: Judged, row: number): Sample {
  const classes = judged.classNames.length;
  const answer = judged.predicted[row] as number;
  const probability = judged.outputs[row * classes + answer] as number;
  return { row, truth: labelsOf(judged)[row] as number, answer, probability };
}

const bySurety = (one: Sample, other: Sample) => other.probability - one.probability;

/** The pictures of one cell, the surest first. */
export function samplesOf(judged: Judged, truth: number, answer: number, most: number): Sample[] {
  const labels = labelsOf(judged);
  const rows = [...judged.predicted.keys()].filter(
    (row) => labels[row] === truth && judged.predicted[row] === answer,
  );
  return rows
    .map((row) => sampleAt(judged, row))
    .sort(bySurety)
    .slice(0, most);
}

/** The mistakes that the model was surest of. */
export function surestMistakes(judged: Judged, most: number): Sample[] {
  const labels = labelsOf(judged);
  const rows = [...judged.predicted.keys()].filter((row) => labels[row] !== judged.predicted[row]);
  return rows
    .map((row) => sampleAt(judged, row))
    .sort(bySurety)
    .slice(0, most);
}

/** The bytes of a picture of the test set. */
export function pictureOf({ test }: Judged, row: number): Uint8Array {
  const { data } = test.columns.x as { readonly data: Uint8Array };
  const size = data.length / test.rows;
  return data.subarray(row * size, (row + 1) * size);
}
