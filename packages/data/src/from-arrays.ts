/** A data set from what a person already has in memory: typed arrays, nested arrays, tensors. */
import { type Column, type Dataset, HoneError, validateDataset } from "@hone/core";

/** Numbers nested as deep as the data has dimensions; rows are the outermost. */
export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array;

/** Elements in row-major order, with the shape of all rows: `[rows, ...rowShape]`. */
export interface ShapedArray {
  readonly data: Numbers | Uint8ClampedArray;
  readonly shape: readonly number[];
}

/** What a `tf.Tensor` offers, named structurally so that any copy of tfjs will do. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

/** A bare typed array is one number a row. */
export type DatasetInput = Numbers | ShapedArray | TensorLike | NestedNumbers;

export interface DatasetOptions {
  readonly x: DatasetInput;
  /** Class indices, one-hot rows, or regression targets. */
  readonly y: DatasetInput;
  readonly name?: string | undefined;
  /** Given, they also bound the labels. */
  readonly classNames?: readonly string[] | undefined;
  /** What x's elements are multiplied by when a batch is gathered: 1/255 for bytes. Default 1. */
  readonly scale?: number | undefined;
  /** What is added to x after scaling. Default 0. */
  readonly offset?: number | undefined;
}

interface Rows {
  readonly data: Column["data"];
  readonly shape: readonly number[];
}

/**
 * Makes a data set of `x` and `y`, whose outermost dimension is the row. uint8, int32 and float32
 * data are kept as they are, without a copy; float64 and nested arrays become float32. One whole number
 * a row for `y` becomes int32 labels, also from floats: tf.tensor makes floats unless told otherwise.
 * @throws BadData naming column and row: counts that differ, ragged rows, NaN or Inf, labels
 * without a class.
 */
export async function dataset(options: DatasetOptions): Promise<Dataset> {
  const name = options.name ?? "data";
  const x = await rowsOf(options.x, name, "x");
  const y = asLabels(await rowsOf(options.y, name, "y"));
  const [rows = 0, ...xShape] = x.shape;
  const [labels = 0, ...yShape] = y.shape;
  if (rows !== labels) {
    throw bad(name, `x has ${rows} rows, but y has ${labels}. Give both the same number`);
  }
  const made: Dataset = {
    name,
    rows,
    columns: {
      x: { data: x.data, shape: xShape, scale: options.scale ?? 1, offset: options.offset ?? 0 },
      y: { data: y.data, shape: yShape, scale: 1, offset: 0 },
    },
    ...(options.classNames === undefined ? {} : { classNames: options.classNames }),
  };
  validateDataset(made);
  return made;
}

async function rowsOf(input: DatasetInput, name: string, column: "x" | "y"): Promise<Rows> {
  if (Array.isArray(input)) return fromNested(input as NestedNumbers, name, column);
  if (ArrayBuffer.isView(input)) return shaped(input, [input.length], name, column);
  const source = input as ShapedArray | TensorLike | null | undefined;
  if (!Array.isArray(source?.shape)) {
    throw bad(name, `${column} is ${describe(input)}. Give an array, { data, shape } or a tensor`);
  }
  const { shape } = source;
  if (typeof source.data === "function") {
    const data = await (source as TensorLike).data();
    return shaped(data as Numbers, shape, name, column);
  }
  return shaped((source as ShapedArray).data, shape, name, column);
}

function shaped(
  data: Numbers | Uint8ClampedArray,
  shape: readonly number[],
  name: string,
  column: string,
): Rows {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (shape.length === 0 || elements !== data.length) {
    throw bad(
      name,
      `${column} holds ${data.length} elements, but its shape [${shape.join(", ")}] ` +
        (shape.length === 0 ? "has no rows. Give it one" : `takes ${elements}. Correct the shape`),
    );
  }
  return { data: storable(data, name, column), shape };
}

function storable(data: Numbers | Uint8ClampedArray, name: string, column: string): Column["data"] {
  if (data instanceof Uint8Array || data instanceof Int32Array || data instanceof Float32Array) {
    return data;
  }
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (data instanceof Uint8ClampedArray) {
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  }
  throw bad(
    name,
    `${column} is ${describe(data)}. Give a Uint8Array, Int32Array, Float32Array or Float64Array`,
  );
}

function fromNested(nested: NestedNumbers, name: string, column: "x" | "y"): Rows {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0])
    shape.push(level.length);
  const values = new Float64Array(shape.reduce((product, size) => product * size, 1));
  let filled = 0;
  const fill = (part: unknown, depth: number, row: number): void => {
    if (depth === shape.length) {
      if (typeof part !== "number") {
        throw bad(name, `${column} holds ${describe(part)} in row ${row}. Give a number there`);
      }
      values[filled++] = part;
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[depth]) {
      const found = Array.isArray(part) ? `${part.length} elements` : describe(part);
      throw bad(
        name,
        `${column} holds ${found} in row ${row}, where row 0 has ${shape[depth]} elements. ` +
          "Give all rows one shape",
      );
    }
    for (const [index, inner] of part.entries()) fill(inner, depth + 1, depth === 0 ? index : row);
  };
  fill(nested, 0, 0);
  return { data: Float32Array.from(values), shape };
}

/** Whole numbers, one a row, as int32; a regression reads them as the same numbers. */
function asLabels({ data, shape }: Rows): Rows {
  const labels = data instanceof Float32Array && shape.length === 1 && data.every(isInt32);
  return { data: labels ? Int32Array.from(data) : data, shape };
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number") return `${value}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return value.constructor?.name ?? "an object";
}

function bad(name: string, what: string): HoneError {
  return new HoneError("BadData", `data set "${name}"`, `${what}.`);
}
