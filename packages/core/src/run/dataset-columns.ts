/**
 * What a session trains on: named columns over one count of rows. Images, features, labels and
 * regression targets are the same thing, so that a device keeps any of them as it is stored (a
 * byte a pixel) and applies `scale` and `offset` when it gathers a batch.
 */
import { HoneError } from "../errors.js";

/** One column: `value = data · scale + offset`, element by element. */
export interface Column {
  readonly data: Uint8Array | Int32Array | Float32Array;
  /** Of one row: `[28, 28]` for an image, `[]` for a label. */
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** Rows as named columns. */
export interface Dataset {
  readonly name: string;
  readonly rows: number;
  /** What goes in, labels, and weights of rows, by name: `x` and `y` where there is one of each. */
  readonly columns: Readonly<Record<string, Column>>;
  /** Which columns are labels; `y` unless given. */
  readonly labels?: readonly string[];
  /** Which columns weigh rows: one for all outputs, or by label column. */
  readonly sampleWeights?: string | Readonly<Record<string, string>>;
  /** Of the only label column, or by label column. */
  readonly classNames?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** What the whole numbers of the input stand for, where it is a text. */
  readonly words?: readonly string[];
  /** True when no camera or pen was involved; every report of a result must say so. */
  readonly synthetic?: boolean;
  /** Where it came from: a folder, an address, "drawn by code". */
  readonly source?: string;
}

/** A data set of one input and one label column, named so. */
export interface PlainDataset extends Dataset {
  readonly columns: { readonly x: Column; readonly y: Column };
  readonly classNames?: readonly string[];
}

/** @throws BadData for what is no data set at all */
export function checkHasColumns(dataset: Dataset): void {
  const columns: unknown = (dataset as Partial<Dataset> | undefined | null)?.columns;
  if (typeof columns === "object" && columns !== null) return;
  const found = typeof dataset === "object" && dataset !== null ? "an object" : typeof dataset;
  const what = `got ${found} without columns. Make one with dataset({ x, y }).`;
  throw new HoneError("BadData", "data set", what);
}

/** How many elements one row of a column holds. @throws BadArgument for what is no column */
export function rowLength(column: Column): number {
  return checkedColumn("rowLength", column).shape.reduce((product, size) => product * size, 1);
}

function checkedColumn(where: string, column: Column): Column {
  if (isList((column as Partial<Column> | undefined | null)?.shape)) return column;
  const what = "it is given no column. Give { data, shape, scale, offset }, as columnOf gives.";
  throw new HoneError("BadArgument", where, what);
}

/** True when a column holds class indices as integers, one a row: of shape [] or [1]. */
export function isLabelColumn(column: Column): boolean {
  return isOneNumber("isLabelColumn", column) && !(column.data instanceof Float32Array);
}

/** True when a column holds whole numbers, one a row, also as floats: as tf.tensor makes labels. Looks at each float. */
export function holdsWholeNumbers(column: Column): boolean {
  if (!isOneNumber("holdsWholeNumbers", column)) return false;
  return !(column.data instanceof Float32Array) || column.data.every(Number.isInteger);
}

function isOneNumber(where: string, column: Column): boolean {
  const { shape } = checkedColumn(where, column);
  return shape.length === 0 || (shape.length === 1 && shape[0] === 1);
}

/** The columns that are neither labels nor weights, in their order. */
export function inputNames(dataset: Dataset): readonly string[] {
  checkHasColumns(dataset);
  const others = new Set([...labelNames(dataset), ...weightNames(dataset)]);
  return Object.keys(dataset.columns).filter((name) => !others.has(name));
}

/** The columns that are labels, in their order. */
export function labelNames(dataset: Dataset): readonly string[] {
  checkHasColumns(dataset);
  const { columns, labels } = dataset;
  return labels ?? (Object.hasOwn(columns, "y") ? ["y"] : []);
}

/** The columns that weigh rows, each once. */
export function weightNames(dataset: Dataset): readonly string[] {
  checkHasColumns(dataset);
  const { sampleWeights } = dataset;
  if (sampleWeights === undefined) return [];
  return typeof sampleWeights === "string"
    ? [sampleWeights]
    : [...new Set(Object.values(sampleWeights))];
}

/** @throws BadData naming the columns there are */
export function columnOf(dataset: Dataset, name: string): Column {
  checkHasColumns(dataset);
  const { columns } = dataset;
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column) return column;
  throw new HoneError(
    "BadData",
    placeOf(dataset),
    `it has no column ${typeof name === "string" ? name : `of name ${typeof name}`}, but ${listed(Object.keys(columns))}. Give that column, or ask for one of these.`,
  );
}

/**
 * The column that goes in, for what takes one alone.
 * @param where what takes it, for the error
 * @throws BadData when there are several or none
 */
export function soleInput(dataset: Dataset, where: string): Column {
  return columnOf(dataset, soleName(dataset, where, "input", inputNames(dataset)));
}

/**
 * The label column, for what takes one alone.
 * @param where what takes it, for the error
 * @throws BadData when there are several or none
 */
export function soleLabels(dataset: Dataset, where: string): Column {
  return columnOf(dataset, soleName(dataset, where, "label", labelNames(dataset)));
}

/** Names of the classes of a label column, of the only one unless it is named; `undefined` without any. */
export function classNamesOf(dataset: Dataset, label?: string): readonly string[] | undefined {
  checkHasColumns(dataset);
  const { classNames } = dataset;
  const labels = labelNames(dataset);
  const name = label ?? (labels.length === 1 ? labels[0] : undefined);
  if (classNames === undefined || name === undefined) return undefined;
  if (isList(classNames)) return labels.length === 1 && labels[0] === name ? classNames : undefined;
  return Object.hasOwn(classNames, name) ? classNames[name] : undefined;
}

export function soleName(
  dataset: Dataset,
  where: string,
  kind: "input" | "label",
  names: readonly string[],
): string {
  const [first, ...more] = names;
  if (first !== undefined && more.length === 0) return first;
  throw new HoneError(
    "BadData",
    where,
    `data set "${dataset.name}" has ${names.length === 0 ? "no" : names.length} ${kind} columns ` +
      `(${listed(names)}), but one is taken here. Give a data set with one ${kind} column.`,
  );
}

/** What an error about a data set begins with. */
export function placeOf({ name }: Dataset): string {
  return `data set "${name}"`;
}

/** Names for an error. */
export function listed(names: readonly string[]): string {
  return names.join(", ") || "none";
}

export function isList(value: unknown): value is readonly unknown[] & readonly string[] {
  return Array.isArray(value);
}
