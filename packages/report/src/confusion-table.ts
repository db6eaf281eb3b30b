/** The confusion matrix as text: where a classifier's answers went, class by class. */
import { HoneError, typedErrors } from "@hone/core";
import { type Alignment, alignColumns, clip, textWidth } from "./align.js";
import { numberText, percentText } from "./numbers.js";

const NAME_WIDTH = 11;
const GAP = 2;
/** Of the last column, with its gap. */
const recallWidth = 9;

type Confusion = readonly (readonly number[])[];

/**
 * Lines of at most 80 characters. Few classes: counts, a row for each true class and a column for
 * each prediction, with the row's recall and the column's precision. More than fit: a row a class
 * with its recall, precision and most frequent mistake.
 * @param confusion `confusion[truth][prediction]` counts, square
 * @param classNames a class without one has its number
 * @throws BadArgument for a matrix that is not square, or more names than classes.
 */
export function confusionTable(confusion: Confusion, classNames?: readonly string[]): string {
  return typedErrors("confusionTable", () => {
    const classes = confusion.length;
    if (classes === 0 || confusion.some((row) => row.length !== classes)) {
      const lengths = [...new Set(confusion.map((row) => row.length))].join(", ");
      throw refuse(
        `the matrix has ${classes} rows of ${lengths || "no"} columns. Give a square one`,
      );
    }
    if (classNames !== undefined && classNames.length > classes) {
      throw refuse(
        `${classNames.length} class names were given for ${classes} classes. Give at most one each`,
      );
    }
    const statistics = confusion.map((_, index) => statisticsOf(confusion, index));
    const names = confusion.map((_, index) => classNames?.[index] ?? `${index}`);
    const full = fullTable(confusion, names, statistics);
    return widthOf(full) <= textWidth ? full : classList(confusion, names, statistics);
  });
}

interface Statistics {
  readonly recall: number;
  readonly precision: number;
}

function statisticsOf(confusion: Confusion, index: number): Statistics {
  const right = confusion[index]?.[index] ?? 0;
  const truths = sum(confusion[index] ?? []);
  const predictions = sum(confusion.map((row) => row[index] ?? 0));
  return { recall: right / truths, precision: right / predictions };
}

function fullTable(
  confusion: Confusion,
  names: readonly string[],
  statistics: readonly Statistics[],
): string {
  const plainNumbers = names.every((name, index) => name === `${index}`);
  // Columns are headed by a class's name where all names fit, else by its number.
  const space = Math.floor((textWidth - NAME_WIDTH - recallWidth) / names.length) - GAP;
  const headed = names.every((name) => [...name].length <= Math.max(space, 1));
  const heads = names.map((name, index) => (headed ? name : `${index}`));
  const label = (name: string, index: number) =>
    clip(headed || plainNumbers ? name : `${index} ${name}`, NAME_WIDTH);
  return alignColumns(
    [
      ["true\\given", ...heads, "recall"],
      ...confusion.map((row, index) => [
        label(names[index] as string, index),
        ...row.map((count) => (count === 0 ? "·" : `${count}`)),
        percentText((statistics[index] as Statistics).recall),
      ]),
      [
        "precision %",
        ...statistics.map(({ precision }) =>
          Number.isFinite(precision) ? shortPercent(precision) : "–",
        ),
        "",
      ],
    ],
    ["left", ...names.map((): Alignment => "right"), "right"],
    { width: Number.POSITIVE_INFINITY },
  );
}

function classList(
  confusion: Confusion,
  names: readonly string[],
  statistics: readonly Statistics[],
): string {
  const name = (index: number) => clip(names[index] as string, 20);
  return alignColumns(
    [
      ["class", "rows", "recall", "precision", "most often taken for"],
      ...confusion.map((row, index) => {
        const others = row.map((count, column) => (column === index ? 0 : count));
        const most = Math.max(...others);
        const mistake = most === 0 ? "–" : `${name(others.indexOf(most))} (${numberText(most)})`;
        const { recall, precision } = statistics[index] as Statistics;
        const figures = [numberText(sum(row)), percentText(recall), percentText(precision)];
        return [name(index), ...figures, mistake];
      }),
    ],
    ["left", "right", "right", "right", "left"],
  );
}

function shortPercent(fraction: number): string {
  return fraction === 1 ? "100" : (100 * fraction).toFixed(1);
}

function widthOf(text: string): number {
  return Math.max(...text.split("\n").map((line) => [...line].length));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function refuse(what: string): HoneError {
  return new HoneError("BadArgument", "confusionTable", `${what}.`);
}
