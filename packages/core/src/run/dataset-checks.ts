/** Whether a data set is what its fields say. */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import {
  type Column,
  classNamesOf,
  columnOf,
  type Dataset,
  holdsWholeNumbers,
  inputNames,
  isList,
  labelNames,
  listed,
  placeOf,
  rowLength,
  soleName,
  weightNames,
} from "./dataset-columns.js";

/**
 * Checks that a data set is what its fields say: names, lengths, finite numbers, labels that have a class,
 * weights that are not negative.
 * @throws BadData, naming the data set, the column and the first bad row.
 */
export function validateDataset(dataset: Dataset): void {
  checkForm(dataset);
  const where = placeOf(dataset);
  for (const [name, column] of Object.entries(dataset.columns)) checkFinite(where, name, column);
  for (const name of labelNames(dataset)) {
    const classes = classNamesOf(dataset, name)?.length;
    const column = columnOf(dataset, name);
    if (classes !== undefined && holdsWholeNumbers(column)) {
      checkLabels(where, name, column, classes);
    }
  }
  for (const name of weightNames(dataset)) checkWeights(where, name, columnOf(dataset, name));
}

/**
 * Checks that every label is a class of the model, as whole numbers of any stored type, one a row.
 * @param label which label column; the only one unless given
 * @throws BadData, naming the label, its row and the number of classes.
 */
export function validateLabels(dataset: Dataset, classes: number, label?: string): void {
  const name = label ?? soleName(dataset, "labels", "label", labelNames(dataset));
  checkLabels(placeOf(dataset), name, columnOf(dataset, name), classes);
}

/** Checks all but the values. @throws BadData */
export function checkForm(dataset: Dataset): void {
  const { columns, rows } = (dataset ?? {}) as Partial<Dataset>;
  if (typeof columns !== "object" || columns === null || Object.keys(columns).length === 0) {
    throw new HoneError(
      "BadData",
      "data set",
      `got ${dataset === null ? "null" : typeof dataset} without columns. Make one with dataset({ x, y }).`,
    );
  }
  const where = placeOf(dataset);
  if (!Number.isSafeInteger(rows) || (rows as number) < 1) {
    throw new HoneError("BadData", where, `it has ${valueText(rows)} rows. Give it at least one.`);
  }
  checkNames(dataset, where);
  for (const [name, column] of Object.entries(columns)) {
    checkColumn(where, name, column, rows as number);
  }
  checkClassNames(dataset, where);
}

function checkNames(dataset: Dataset, where: string): void {
  checkLabelNames(dataset, where);
  checkWeightNames(dataset, where);
  if (inputNames(dataset).length > 0) return;
  const all = listed(Object.keys(dataset.columns));
  const what = `of its columns ${all} none goes into a model. Give a column x too.`;
  throw new HoneError("BadData", where, what);
}

function checkLabelNames(dataset: Dataset, where: string): void {
  const refuse = (what: string) => new HoneError("BadData", where, what);
  if (dataset.labels !== undefined && !isListOfText(dataset.labels)) {
    throw refuse('labels is no list of column names. Give one: labels: ["age", "kind"].');
  }
  const names = labelNames(dataset);
  if (names.length === 0 && dataset.labels === undefined) {
    const all = listed(Object.keys(dataset.columns));
    throw refuse(
      `of its columns ${all} none is a label. Name one y, or name them in labels: [] where there are none.`,
    );
  }
  for (const [index, name] of names.entries()) {
    columnOf(dataset, name);
    if (names.indexOf(name) === index) continue;
    throw refuse(`labels names column ${name} twice. Name each column once.`);
  }
}

function checkWeightNames(dataset: Dataset, where: string): void {
  const refuse = (what: string) => new HoneError("BadData", where, what);
  const given: unknown = dataset.sampleWeights;
  if (given === undefined) return;
  if (typeof given !== "string" && (typeof given !== "object" || given === null)) {
    const what = `sampleWeights is ${kindOf(given)}. Give a column's name, or one for each label`;
    throw refuse(`${what}.`);
  }
  const labels = labelNames(dataset);
  for (const [label, name] of typeof given === "string" ? [] : Object.entries(given)) {
    if (!labels.includes(label)) {
      const what = `sampleWeights weighs ${label}, but the labels are ${listed(labels)}`;
      throw refuse(`${what}. Name one of them.`);
    }
    if (typeof name !== "string") {
      throw refuse(`sampleWeights has no column's name for ${label}. Give the name of a column.`);
    }
  }
  for (const name of weightNames(dataset)) {
    columnOf(dataset, name);
    if (!labels.includes(name)) continue;
    throw refuse(`column ${name} is both a label and a weight. Give the weights another name.`);
  }
}

function checkColumn(where: string, name: string, column: Column, rows: number): void {
  const refuse = (what: string) => new HoneError("BadData", where, `column ${name} ${what}`);
  if (typeof column !== "object" || column === null) {
    throw refuse(`is ${valueText(column)}. Give { data, shape, scale, offset }.`);
  }
  const { data, shape, scale, offset } = column;
  if (!isStored(data)) {
    throw refuse(
      `holds ${kindOf(data)}. Give a Uint8Array, Int32Array or Float32Array; dataset({ x, y }) converts what can be.`,
    );
  }
  if (!isList(shape)) {
    throw refuse(`has no list of sizes as its shape. Give [] for one number a row.`);
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw refuse(`has rows of shape [${shape}]. Every size must be a whole number above 0.`);
  }
  if (!Number.isFinite(scale) || !Number.isFinite(offset)) {
    throw refuse(`has scale ${scale} and offset ${offset}. Both must be finite.`);
  }
  const expected = rows * rowLength(column);
  if (data.length === expected) return;
  const gone = data.length === 0 && data.buffer.byteLength === 0;
  throw refuse(
    `holds ${data.length} elements${gone ? " (its memory is empty, or was moved to a worker)" : ""}, but ` +
      `${rows} rows of shape [${shape}] need ${expected}. Give all columns the same number of rows.`,
  );
}

function checkClassNames(dataset: Dataset, where: string): void {
  const { classNames } = dataset;
  if (classNames === undefined) return;
  const labels = labelNames(dataset);
  const refuse = (what: string) => new HoneError("BadData", where, what);
  if (isList(classNames)) {
    if (labels.length > 1) {
      throw refuse(
        `classNames is one list for labels ${listed(labels)}. Give a list for each label.`,
      );
    }
    if (isListOfText(classNames)) return;
    throw refuse("classNames holds what is no text. Give a name for each class.");
  }
  if (typeof classNames !== "object" || classNames === null) {
    throw refuse(
      `classNames is ${kindOf(classNames)}. Give a list of names, or one for each label.`,
    );
  }
  for (const [label, names] of Object.entries(classNames)) {
    if (!labels.includes(label)) {
      throw refuse(
        `classNames names the classes of ${label}, but the labels are ${listed(labels)}. Name one of them.`,
      );
    }
    if (!isListOfText(names)) {
      throw refuse(`classNames has no list of names for ${label}. Give a name for each class.`);
    }
  }
}

function checkFinite(where: string, name: string, column: Column): void {
  const { data } = column;
  if (!(data instanceof Float32Array)) return;
  // A sum is finite only if every term is, and is far quicker to form than n tests; a sum that
  // overflows only sends us to the exact search below.
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += data[index] as number;
  if (Number.isFinite(sum)) return;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const length = rowLength(column);
  throw new HoneError(
    "BadData",
    where,
    `column ${name} holds ${data[bad]} in row ${Math.floor(bad / length)} (element ${bad % length} of that ` +
      "row). Replace or leave out what is not a finite number.",
  );
}

function checkLabels(where: string, name: string, column: Column, classes: number): void {
  const { data } = column;
  for (let row = 0; row < data.length; row++) {
    const label = data[row] as number;
    if (label >= 0 && label < classes && Number.isInteger(label)) continue;
    const place = `column ${name} holds label ${label} in row ${row}`;
    throw new HoneError(
      "BadData",
      where,
      Number.isInteger(label)
        ? `${place}, but there are ${classes} classes, 0 to ${classes - 1}. Correct the label or give the class a name.`
        : `${place}, but classes are whole numbers, 0 to ${classes - 1}. Correct the label, or use another loss.`,
    );
  }
}

function checkWeights(where: string, name: string, column: Column): void {
  const { data, shape, scale, offset } = column;
  if (shape.length > 0) {
    throw new HoneError(
      "BadData",
      where,
      `column ${name} weighs rows, but has [${shape}] numbers a row. Give one number a row.`,
    );
  }
  const row = data.findIndex((value: number) => value * scale + offset < 0);
  if (row < 0) return;
  const weight = (data[row] as number) * scale + offset;
  throw new HoneError(
    "BadData",
    where,
    `column ${name} weighs row ${row} by ${weight}. Give weights that are not negative.`,
  );
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isStored(data: unknown): data is Column["data"] {
  return data instanceof Uint8Array || data instanceof Int32Array || data instanceof Float32Array;
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return valueText(value);
  const name = value.constructor?.name ?? "an object";
  const foreign = /^(Uint8|Int32|Float32)Array$/.test(name);
  return foreign ? `${name} of another window or context` : name;
}
