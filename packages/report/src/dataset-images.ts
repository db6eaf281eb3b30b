/** The pictures in a data set, where its rows are pictures of one grey channel. */
import {
  type Column,
  classNamesOf,
  columnOf,
  type Dataset,
  holdsWholeNumbers,
  isLabelColumn,
  rowLength,
} from "@hone/core";

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** The size of a row that is a grey picture: [height, width], with or without a channel; else `undefined`. */
export function imageSize({ shape }: Column): ImageSize | undefined {
  const [height, width, channels = 1] = shape;
  if (height === undefined || width === undefined || shape.length > 3) return undefined;
  return channels === 1 && height > 1 && width > 1 ? { width, height } : undefined;
}

/** The stored values that are black and white: all of a byte, or else the least and the largest. */
export function imageRange({ data }: Column): readonly [number, number] {
  if (data instanceof Uint8Array) return [0, 255];
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  return least < largest ? [least, largest] : [0, 1];
}

/** One row as bytes, 0 for black to 255 for white. */
export function pixelsOf(
  column: Column,
  row: number,
  [black, white]: readonly [number, number],
): number[] {
  const length = rowLength(column);
  const stored = column.data.subarray(row * length, (row + 1) * length);
  return Array.from(stored, (value) => Math.round(((value - black) / (white - black)) * 255));
}

/** Without class names, whole numbers beyond this are taken for counts or prices, not for classes. */
const mostClasses = 1000;

/**
 * The class of each row by a label column; `undefined` for a regression and for labels that are not class
 * numbers. Whole floats are classes where the data set names the classes.
 */
export function labelsOf(dataset: Dataset, label: string): Column["data"] | undefined {
  const column = columnOf(dataset, label);
  const names = classNamesOf(dataset, label);
  if (!(names === undefined ? isLabelColumn(column) : holdsWholeNumbers(column))) return undefined;
  const classes = names?.length ?? mostClasses;
  const isClass = (value: number) => value >= 0 && value < classes;
  return column.data.every(isClass) ? column.data : undefined;
}
