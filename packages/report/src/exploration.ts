/**
 * What a data set looks like, before anything is trained on it: plain data.
 *
 * One pass over the training rows: 60,000 images of bytes take a few tenths of a second.
 */
import {
  type Column,
  classNamesOf,
  columnOf,
  type Dataset,
  inputNames,
  labelNames,
  rowLength,
  typedErrors,
  weightNames,
} from "@hone/core";
import { imageRange, imageSize, labelsOf, pixelsOf } from "./dataset-images.js";

export interface Exploration {
  readonly name: string;
  readonly synthetic: boolean;
  readonly source?: string;
  readonly parts: readonly ExploredPart[];
  /** The columns that go in. */
  readonly inputs: readonly ExploredInput[];
  readonly labels: readonly ExploredLabels[];
  /** The columns that weigh rows. */
  readonly weights: readonly ExploredColumn[];
}

export interface ExploredPart {
  readonly name: "training" | "test";
  readonly rows: number;
}

export interface ExploredColumn {
  readonly name: string;
  /** How it is stored. */
  readonly kind: "uint8" | "int32" | "float32";
  /** Of one row. */
  readonly shape: readonly number[];
}

export interface ExploredInput extends ExploredColumn {
  readonly values: ValueStatistics;
  /** Left out where rows are not grey pictures. */
  readonly images?: ExploredImages;
}

export interface ExploredLabels extends ExploredColumn {
  /** Empty for a regression. */
  readonly classNames: readonly string[];
  /** For each part a list: one count a class. */
  readonly classCounts: readonly (readonly number[])[];
}

/** Over all values of all training rows, as they are stored: 0 to 255 for bytes. */
export interface ValueStatistics {
  readonly mean: number;
  /** Of the whole population. */
  readonly standardDeviation: number;
  readonly least: number;
  readonly largest: number;
  /** The share of values that are zero. */
  readonly zeroShare: number;
  /** What a model sees is `value · scale + offset`. */
  readonly scale: number;
  readonly offset: number;
  /** Counts of equal ranges from `from` to `to`. */
  readonly histogram: {
    readonly from: number;
    readonly to: number;
    readonly counts: readonly number[];
  };
}

export interface ExploredImages {
  readonly width: number;
  readonly height: number;
  /** Of each pixel over all training images, in squares of stored values. */
  readonly variance: readonly number[];
  /** The mean of each pixel over all training images, as a byte with decimals. */
  readonly mean: readonly number[];
  /** One a class of the only label column that has classes; or else one alone, without a name. */
  readonly classes: readonly ExploredClass[];
}

export interface ExploredClass {
  readonly name: string;
  /** Of each pixel, as a byte with decimals. */
  readonly mean: readonly number[];
  /** The first images of the class, as bytes. */
  readonly samples: readonly (readonly number[])[];
}

const binCount = 32;

export interface ExploreOptions {
  /** What the data set is called; the training rows' own name unless given. */
  readonly name?: string;
  /** How many images of each class are kept; 8 unless given. */
  readonly samples?: number;
}

/** Looks at all rows once. The test rows are only counted: what training must not know stays unseen. */
export function exploreDataset(
  given: { readonly train: Dataset; readonly test?: Dataset },
  options: ExploreOptions = {},
): Exploration {
  return typedErrors("exploreDataset", () => {
    const { train, test } = given;
    const { name = train.name, samples = 8 } = options;
    const sets = test === undefined ? [train] : [train, test];
    const labels = labelNames(train).map((label) => exploreLabels(sets, label));
    const classed = labels.filter(({ classNames }) => classNames.length > 0);
    const by = classed.length === 1 ? classed[0] : undefined;
    const described = (column: string) => describe(column, columnOf(train, column));
    return {
      name,
      synthetic: train.synthetic ?? false,
      ...(train.source !== undefined && { source: train.source }),
      parts: sets.map(({ rows }, index) => ({ name: index === 0 ? "training" : "test", rows })),
      inputs: inputNames(train).map((input) => exploreInput(train, input, by, samples)),
      labels,
      weights: weightNames(train).map(described),
    };
  });
}

function describe(name: string, { data, shape }: Column): ExploredColumn {
  const kind =
    data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
  return { name, kind, shape };
}

function exploreLabels(sets: readonly Dataset[], name: string): ExploredLabels {
  const [train] = sets as readonly [Dataset, ...Dataset[]];
  const counts = sets.map((set) => countClasses(set, name));
  const classes = Math.max(...counts.map(({ length }) => length));
  const named = classNamesOf(train, name);
  return {
    ...describe(name, columnOf(train, name)),
    classNames: Array.from({ length: classes }, (_, index) => named?.[index] ?? `${index}`),
    classCounts: counts.map((some) =>
      Array.from({ length: classes }, (_, index) => some[index] ?? 0),
    ),
  };
}

function countClasses(dataset: Dataset, name: string): readonly number[] {
  const labels = labelsOf(dataset, name);
  if (labels === undefined) return [];
  const counts: number[] = (classNamesOf(dataset, name) ?? []).map(() => 0);
  for (const label of labels) {
    while (counts.length <= label) counts.push(0);
    counts[label] = (counts[label] as number) + 1;
  }
  return counts;
}

function exploreInput(
  train: Dataset,
  name: string,
  by: ExploredLabels | undefined,
  samples: number,
): ExploredInput {
  const column = columnOf(train, name);
  const labels = by && labelsOf(train, by.name);
  const classNames = by?.classNames ?? [];
  const sums = addUp(column, train.rows, labels, Math.max(1, classNames.length));
  const images = imagesOf(column, sums, { labels, classNames, samples });
  return {
    ...describe(name, column),
    values: statisticsOf(column, sums),
    ...(images && { images }),
  };
}

/** Sums over rows, in stored values less `from`. */
interface Sums {
  readonly rows: number;
  readonly from: number;
  readonly to: number;
  /** [classes, values of a row] */
  readonly byClass: Float64Array;
  readonly classRows: Float64Array;
  /** Of squares, one for each value of a row. */
  readonly squares: Float64Array;
  /** Counts of equal ranges; for bytes one for each value. */
  readonly counts: Float64Array;
  readonly zeros: number;
}

function addUp(
  column: Column,
  rows: number,
  labels: Column["data"] | undefined,
  classes: number,
): Sums {
  const { data } = column;
  const length = rowLength(column);
  const bytes = data instanceof Uint8Array;
  const [from, to] = bytes ? [0, 256] : imageRange(column);
  const byClass = new Float64Array(classes * length);
  const classRows = new Float64Array(classes);
  const squares = new Float64Array(length);
  const counts = new Float64Array(bytes ? 256 : binCount);
  const perUnit = counts.length / (to - from);
  let zeros = 0;
  let lowest = 0;
  for (let row = 0; row < rows; row++) {
    const label = labels?.[row] ?? 0;
    classRows[label]!++;
    const [start, sums] = [row * length, label * length];
    for (let index = 0; index < length; index++) {
      const value = data[start + index]!;
      if (value === 0) zeros++;
      // Most pixels of most pictures are black: they add nothing, and fall into the first range.
      if (value === from) {
        lowest++;
        continue;
      }
      const above = value - from;
      byClass[sums + index]! += above;
      squares[index]! += above * above;
      counts[bytes ? value : Math.min(binCount - 1, Math.floor(above * perUnit))]!++;
    }
  }
  counts[0]! += lowest;
  return { rows, from, to, byClass, classRows, squares, counts, zeros };
}

function statisticsOf({ data, scale, offset }: Column, sums: Sums): ValueStatistics {
  const { counts, from, to } = sums;
  const count = sums.rows * sums.squares.length;
  const mean = sumOf(sums.byClass) / count;
  const variance = sumOf(sums.squares) / count - mean * mean;
  const bytes = data instanceof Uint8Array;
  const [least, largest] = bytes
    ? [counts.findIndex((some) => some > 0), counts.findLastIndex((some) => some > 0)]
    : [from, to];
  const size = counts.length / binCount;
  const histogram = Array.from({ length: binCount }, (_, bin) =>
    sumOf(counts.subarray(bin * size, (bin + 1) * size)),
  );
  return {
    mean: from + mean,
    // Rounding may leave a little less than nothing where all values are equal.
    standardDeviation: Math.sqrt(Math.max(0, variance)),
    least,
    largest,
    zeroShare: sums.zeros / count,
    scale,
    offset,
    histogram: { from, to, counts: histogram },
  };
}

interface PictureChoice {
  readonly labels: Column["data"] | undefined;
  readonly classNames: readonly string[];
  readonly samples: number;
}

function imagesOf(
  x: Column,
  { rows, from, byClass, classRows, squares }: Sums,
  { labels, classNames, samples }: PictureChoice,
): ExploredImages | undefined {
  const size = imageSize(x);
  if (size === undefined) return undefined;
  const length = squares.length;
  const range = imageRange(x);
  const toByte = (value: number) =>
    hundredths(((from + value - range[0]) / (range[1] - range[0])) * 255);
  const totals = Array.from({ length }, (_, index) => {
    let total = 0;
    for (let start = index; start < byClass.length; start += length) total += byClass[start]!;
    return total;
  });
  const picked = firstRows(labels, rows, Math.max(1, classNames.length), samples);
  return {
    ...size,
    mean: totals.map((total) => toByte(total / rows)),
    variance: totals.map((total, index) =>
      hundredths(Math.max(0, squares[index]! / rows - (total / rows) ** 2)),
    ),
    classes: picked.map((some, index) => ({
      name: classNames[index] ?? "",
      mean: Array.from(byClass.subarray(index * length, (index + 1) * length), (total) =>
        classRows[index] === 0 ? 0 : toByte(total / classRows[index]!),
      ),
      samples: some.map((row) => pixelsOf(x, row, range)),
    })),
  };
}

/** The first rows of each class. */
function firstRows(
  labels: Column["data"] | undefined,
  rows: number,
  classes: number,
  most: number,
): readonly (readonly number[])[] {
  const picked = Array.from({ length: classes }, (): number[] => []);
  let missing = classes * most;
  for (let row = 0; row < rows && missing > 0; row++) {
    const some = picked[labels?.[row] ?? 0]!;
    if (some.length === most) continue;
    some.push(row);
    missing--;
  }
  return picked;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
