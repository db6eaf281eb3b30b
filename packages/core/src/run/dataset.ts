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

export interface Dataset {
  readonly name: string;
  readonly rows: number;
  readonly columns: Readonly<Record<string, Column>>;
  readonly labels?: readonly string[];
  readonly sampleWeights?: string | Readonly<Record<string, string>>;
  readonly classNames?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** True when no camera or pen was involved; every report of a result must say so. */
  readonly synthetic?: boolean;
  /** Where it came from: a folder, an address, "drawn by code". */
  readonly source?: string;
}

/** How many elements one row of a column holds. */
export function rowLength(column: Column): number {
  return column.shape.reduce((product, size) => product * size, 1);
}

/** True when a column holds class indices: whole numbers, one a row. */
export function isLabelColumn(column: Column): boolean {
  return column.shape.length === 0 && !(column.data instanceof Float32Array);
}

/**
 * Rows `start` up to but not including `end`, as views of the same memory.
 * @throws BadArgument unless 0 ≤ start < end ≤ rows, in whole numbers.
 */
export function takeRows(dataset: Dataset, start: number, end: number): Dataset {
  const whole = Number.isInteger(start) && Number.isInteger(end);
  if (!whole || start < 0 || end <= start || end > dataset.rows) {
    throw new HoneError(
      "BadArgument",
      "takeRows",
      `rows ${start} to ${end} were asked of data set "${dataset.name}", which has ${dataset.rows} rows. ` +
        "Ask for at least one row inside that range.",
    );
  }
  const take = (column: Column): Column => {
    const length = rowLength(column);
    return { ...column, data: column.data.subarray(start * length, end * length) };
  };
  const columns = Object.fromEntries(Object.entries(dataset.columns).map(([n, c]) => [n, take(c)]));
  return { ...dataset, rows: end - start, columns };
}

/**
 * Splits off the last `fraction` of the rows for validation; tfjs's `validationSplit` cuts at the
 * same row.
 * @throws BadArgument unless 0 < fraction < 1 and both parts get a row.
 */
export function split(
  dataset: Dataset,
  fraction: number,
): { readonly train: Dataset; readonly validation: Dataset } {
  const cut = Math.floor(dataset.rows * (1 - fraction));
  if (!(fraction > 0 && fraction < 1) || cut < 1 || cut >= dataset.rows) {
    throw new HoneError(
      "BadArgument",
      "split",
      `a fraction of ${fraction} of ${dataset.rows} rows leaves one part empty. ` +
        "Give a number between 0 and 1 that leaves at least one row on each side.",
    );
  }
  return {
    train: takeRows(dataset, 0, cut),
    validation: takeRows(dataset, cut, dataset.rows),
  };
}

/**
 * Checks that a data set is what its fields say: lengths, finite numbers, labels that have a class.
 * @throws BadData, naming the data set, the column and the first bad row.
 */
export function validateDataset(dataset: Dataset): void {
  if (!dataset?.columns?.x?.data) {
    throw new HoneError(
      "BadData",
      "data set",
      `got ${dataset === null ? "null" : typeof dataset} without columns x and y. Make one with dataset({ x, y }).`,
    );
  }
  const where = `data set "${dataset.name}"`;
  const { rows } = dataset;
  if (!Number.isSafeInteger(rows) || rows < 1) {
    throw new HoneError("BadData", where, `it has ${rows} rows. Give it at least one.`);
  }
  checkColumn(where, "x", dataset.columns.x as Column, rows);
  checkColumn(where, "y", dataset.columns.y as Column, rows);
  if (dataset.classNames !== undefined && isLabelColumn(dataset.columns.y as Column)) {
    checkLabels(
      where,
      dataset.columns.y as Column,
      (dataset.classNames as readonly string[]).length,
    );
  }
}

/**
 * Checks that every label is a class of the model.
 * @throws BadData, naming the label, its row and the number of classes.
 */
export function validateLabels(dataset: Dataset, classes: number): void {
  checkLabels(`data set "${dataset.name}"`, dataset.columns.y as Column, classes);
}

function checkColumn(where: string, name: string, column: Column, rows: number): void {
  const { data, shape, scale, offset } = column;
  if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new HoneError(
      "BadData",
      where,
      `column ${name} has rows of shape [${shape}]. Every size must be a whole number above 0.`,
    );
  }
  if (!Number.isFinite(scale) || !Number.isFinite(offset)) {
    throw new HoneError(
      "BadData",
      where,
      `column ${name} has scale ${scale} and offset ${offset}. Both must be finite.`,
    );
  }
  const expected = rows * rowLength(column);
  if (data.length !== expected) {
    throw new HoneError(
      "BadData",
      where,
      `column ${name} holds ${data.length} elements, but ${rows} rows of shape [${shape}] need ` +
        `${expected}. Give x and y the same number of rows.`,
    );
  }
  if (data instanceof Float32Array) checkFinite(where, name, data, rowLength(column));
}

function checkFinite(where: string, name: string, data: Float32Array, length: number): void {
  // A sum is finite only if every term is, and is far quicker to form than n tests; a sum that
  // overflows only sends us to the exact search below.
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += data[index] as number;
  if (Number.isFinite(sum)) return;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new HoneError(
    "BadData",
    where,
    `column ${name} holds ${data[bad]} in row ${Math.floor(bad / length)} (element ${bad % length} of that ` +
      "row). Replace or leave out what is not a finite number.",
  );
}

function checkLabels(where: string, column: Column, classes: number): void {
  const { data } = column;
  for (let row = 0; row < data.length; row++) {
    const label = data[row] as number;
    if (label < 0 || label >= classes) {
      throw new HoneError(
        "BadData",
        where,
        `column y holds label ${label} in row ${row}, but there are ${classes} classes, 0 to ${classes - 1}. ` +
          "Correct the label or give the class a name.",
      );
    }
  }
}

export function labelNames(dataset: Dataset): readonly string[] {
  return dataset.labels ?? ["y"];
}
export function inputNames(dataset: Dataset): readonly string[] {
  const weights =
    typeof dataset.sampleWeights === "string"
      ? [dataset.sampleWeights]
      : Object.values(dataset.sampleWeights ?? {});
  const labels = labelNames(dataset);
  return Object.keys(dataset.columns).filter(
    (name) => !labels.includes(name) && !weights.includes(name),
  );
}
export function columnOf(dataset: Dataset, name: string): Column {
  return dataset.columns[name] as Column;
}
export function soleInput(dataset: Dataset, _where: string): Column {
  return columnOf(dataset, inputNames(dataset)[0] as string);
}
export function soleLabels(dataset: Dataset, _where: string): Column {
  return columnOf(dataset, labelNames(dataset)[0] as string);
}
