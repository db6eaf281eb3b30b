/** A data set from what a person already has in memory: typed arrays, nested arrays, tensors, pictures. */
import type { Column, Dataset, PictureOptions } from "@hone/core";
import { HoneError, validateDataset } from "@hone/core/data";
import { isPictures } from "@hone/core/pictures";
import {
  type ColumnValues,
  type DatasetInput,
  describe,
  readColumn,
  refuse,
  SHAPED_FIELDS,
} from "./column-values.js";

/** How x's pictures become rows; with columns by name, give each of them what `pictures` makes. */
export type PictureForm = Pick<PictureOptions, "size" | "channels" | "fit" | "background">;

/** Columns by name: `{ image, place }`. No column can be called data or shape. */
export type NamedInputs = Readonly<Record<string, DatasetInput>>;

/** The columns, and what is known of them besides their values. */
export interface DatasetOptions extends PictureForm {
  /** What goes in: one column, or several by name. */
  readonly x: DatasetInput | NamedInputs;
  /** Class indices, one-hot rows, or regression targets: one column, or several by name. */
  readonly y: DatasetInput | NamedInputs;
  /** How much each row counts, from 0: one number a row for all labels, or by label's name. */
  readonly sampleWeights?: DatasetInput | NamedInputs | undefined;
  readonly name?: string | undefined;
  /** Given, they also bound the labels; of several label columns by name. */
  readonly classNames?: readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
  /** What x's elements are multiplied by when a batch is gathered: 1/255 for bytes. Default 1. */
  readonly scale?: number | undefined;
  /** What is added to x after scaling. Default 0. */
  readonly offset?: number | undefined;
}

/** Every option, so that the type makes a forgotten one an error. */
const KNOWN: Readonly<Record<keyof DatasetOptions, true>> = {
  x: true,
  y: true,
  sampleWeights: true,
  name: true,
  classNames: true,
  scale: true,
  offset: true,
  size: true,
  channels: true,
  fit: true,
  background: true,
};

/** A column as it was read: its name, and all its values. */
interface Read extends ColumnValues {
  readonly column: string;
}

/**
 * Makes a data set of `x` and `y`, whose outermost dimension is the row: one column each, which are then
 * called x and y, or several by name, `dataset({ x: { image, place }, y: { age, kind } })`.
 * uint8, int32 and float32 data are kept as they are, without a copy; other whole numbers become int32
 * where all fit and float32 where it holds each of them, float64 and nested arrays float32. Pictures (canvases, ImageData,
 * files, and all else that `pictures` of @hone/core takes) become bytes: `dataset({ x: canvases, y, size: [28, 28],
 * channels: 1, scale: 1 / 255 })`. Whole numbers of a
 * plain array, one a row for `y`, become int32. Class numbers may be floats, as tf.tensor makes them.
 * @throws BadData naming column and row: counts that differ, ragged rows, NaN or Inf, numbers that are not kept,
 * labels without a class; BadArgument for an unknown option
 */
export async function dataset(options: DatasetOptions): Promise<Dataset> {
  checkOptions(options);
  const name = options.name ?? "data";
  const inputs = await readColumns(name, "x", options.x, pictureForm(name, options));
  const labels = await readColumns(name, "y", options.y);
  const weights =
    options.sampleWeights === undefined
      ? []
      : await readColumns(name, "sampleWeights", options.sampleWeights);
  const columns = [...scaled(name, options, inputs), ...labels, ...weights];
  checkColumns(name, columns);
  const made: Dataset = {
    name,
    rows: columns[0]?.shape[0] ?? 0,
    columns: Object.fromEntries(columns.map((read) => [read.column, columnOf(read)])),
    ...(isNamed(options.y) && { labels: labels.map(({ column }) => column) }),
    ...(weights.length > 0 && { sampleWeights: weightsByLabel(options, weights) }),
    ...(options.classNames === undefined ? {} : { classNames: options.classNames }),
  };
  validateDataset(made);
  return made;
}

function checkOptions(options: DatasetOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new HoneError("BadArgument", "dataset", `got ${describe(options)}. Give { x, y }.`);
  }
  const unknown = Object.keys(options).find((option) => !Object.hasOwn(KNOWN, option));
  if (unknown !== undefined) {
    throw new HoneError(
      "BadArgument",
      "dataset",
      `it knows no option ${unknown}. Give ${Object.keys(KNOWN).join(", ")}.`,
    );
  }
  const { name } = options;
  if (name !== undefined && typeof name !== "string") {
    throw new HoneError("BadArgument", "dataset", `its name is ${describe(name)}. Give a text.`);
  }
}

/** True for columns by name: a plain object that is not itself one column. */
function isNamed(input: DatasetInput | NamedInputs): input is NamedInputs {
  if (typeof input !== "object" || input === null) return false;
  const prototype: unknown = Object.getPrototypeOf(input);
  // Of any window or context: the prototype of plain objects is the one that has none.
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return plain && !("data" in input) && !("shape" in input) && !("dataSync" in input);
}

async function readColumns(
  name: string,
  kind: "x" | "y" | "sampleWeights",
  given: DatasetInput | NamedInputs,
  pictures: PictureForm = {},
): Promise<readonly Read[]> {
  const place = { dataset: name, isLabel: kind === "y", pictures };
  if (!isNamed(given)) {
    return [{ column: kind, ...(await readColumn(given, { ...place, column: kind })) }];
  }
  if (Object.keys(given).length === 0) {
    throw refuse({ ...place, column: kind }, "names no columns. Give at least one");
  }
  const read: Read[] = [];
  for (const [key, input] of Object.entries(given)) {
    const column = kind === "sampleWeights" ? `${kind}.${key}` : key;
    read.push({ column, ...(await readColumn(input, { ...place, column })) });
  }
  return read;
}

/** How x's pictures become rows. @throws BadData where it is said and x is none */
function pictureForm(name: string, options: DatasetOptions): PictureForm {
  const { x, size, channels, fit, background } = options;
  const given = Object.entries({ size, channels, fit, background }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 0 && !isPictures(x)) {
    const option = given[0]?.[0];
    const named = isNamed(x) ? "has columns by name" : "holds no pictures";
    throw refuse(
      { dataset: name, column: "x" },
      `${named}, and ${option} is of pictures alone. Leave it out, or give what \`await pictures(…, { ${option} })\` makes`,
    );
  }
  return Object.fromEntries(given);
}

/** With the options' own scale and offset, which are of the only input. */
function scaled(
  name: string,
  { x, scale, offset }: DatasetOptions,
  inputs: readonly Read[],
): readonly Read[] {
  if (scale === undefined && offset === undefined) return inputs;
  const fields = SHAPED_FIELDS.join(", ");
  if (isNamed(x)) {
    throw refuse(
      { dataset: name, column: "x" },
      `has columns by name, and scale and offset are of one. Give each { ${fields} }`,
    );
  }
  return inputs.map((read) => {
    if (read.scale !== undefined || read.offset !== undefined) {
      throw refuse(
        { dataset: name, column: "x" },
        `has a scale or offset of its own beside that of the options. Give it once`,
      );
    }
    return {
      ...read,
      ...(scale !== undefined && { scale }),
      ...(offset !== undefined && { offset }),
    };
  });
}

function checkColumns(name: string, columns: readonly Read[]): void {
  const [first] = columns;
  const seen = new Set<string>();
  for (const { column, shape } of columns) {
    const place = { dataset: name, column };
    if (seen.has(column)) {
      throw refuse(place, "names two columns. Give each column of x and y its own name");
    }
    seen.add(column);
    if (first && shape[0] !== first.shape[0]) {
      throw refuse(
        { dataset: name, column: first.column },
        `has ${first.shape[0]} rows, but ${column} has ${shape[0]}. Give all the same number`,
      );
    }
  }
}

function columnOf({ data, shape, scale = 1, offset = 0 }: Read): Column {
  return { data, shape: shape.slice(1), scale, offset };
}

/** The weights' columns as a data set names them. */
function weightsByLabel(
  { sampleWeights }: DatasetOptions,
  weights: readonly Read[],
): string | Readonly<Record<string, string>> {
  if (sampleWeights === undefined || !isNamed(sampleWeights)) return weights[0]?.column ?? "";
  return Object.fromEntries(
    Object.keys(sampleWeights).map((label, index) => [label, weights[index]?.column ?? ""]),
  );
}
