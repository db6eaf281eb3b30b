/**
 * The values of a column, from whatever a person holds them in.
 *
 * A device knows bytes, int32 and float32. What is one of these is kept without a copy; all else is copied into one
 * of them, and refused where it would come out as another number.
 */
import type { Column, Picture, PictureOptions } from "@hone/core";
import { HoneError } from "@hone/core/backend";
import { isPictures, picturesFor } from "@hone/core/pictures";

/** Arrays of numbers of every width; those that are not stored as they are get copied. */
export type Numbers =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Numbers nested as deep as the data has dimensions; rows are the outermost. */
export type NestedNumbers =
  | readonly (number | boolean)[]
  | readonly Exclude<Numbers, BigInt64Array | BigUint64Array>[]
  | readonly NestedNumbers[];

/** Elements in row-major order, with the shape of all rows: `[rows, ...rowShape]`. */
export interface ShapedArray {
  readonly data: Numbers;
  readonly shape: readonly number[];
  /** What elements are multiplied by when a batch is gathered: 1/255 for bytes. Default 1. */
  readonly scale?: number | undefined;
  /** What is added after scaling. Default 0. */
  readonly offset?: number | undefined;
}

/** What a `tf.Tensor` offers, named structurally so that any copy of tfjs will do. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly isDisposed?: boolean;
  /** Its values, as a tf.Tensor gives them. */
  data(): Promise<ArrayLike<number>>;
}

/** A bare typed array is one number a row; in a list of arrays, tensors or pictures each is a row. */
export type DatasetInput =
  | Numbers
  | ShapedArray
  | TensorLike
  | NestedNumbers
  | readonly ShapedArray[]
  | readonly TensorLike[]
  | Picture
  | readonly Picture[];

/** Which column is read, for errors, and for what labels alone are held to. */
export interface ColumnPlace {
  readonly dataset: string;
  readonly column: string;
  readonly isLabel: boolean;
  /** How pictures become rows; that nothing else does is for who gives it to see to. */
  readonly pictures?: PictureOptions;
}

export interface ColumnValues {
  readonly data: Column["data"];
  /** `[rows, ...rowShape]` */
  readonly shape: readonly number[];
  readonly scale?: number;
  readonly offset?: number;
}

/** The fields of `{ data, shape, scale, offset }`. */
export const SHAPED_FIELDS = ["data", "shape", "scale", "offset"];

/** @throws BadData naming the column, and the row where there is one */
export async function readColumn(input: DatasetInput, place: ColumnPlace): Promise<ColumnValues> {
  if (isPictures(input)) {
    const where = `data set "${place.dataset}", column ${place.column}`;
    return picturesFor(input, place.pictures ?? {}, where);
  }
  if (Array.isArray(input)) {
    const [first] = input as readonly unknown[];
    return ArrayBuffer.isView(first) || (isObject(first) && !Array.isArray(first))
      ? joinRows(input, place)
      : fromNested(input as NestedNumbers, place);
  }
  if (ArrayBuffer.isView(input)) {
    const data = storable(input, place);
    return { data, shape: [data.length] };
  }
  return readShaped(input, place);
}

export function refuse(
  { dataset, column }: Pick<ColumnPlace, "dataset" | "column">,
  what: string,
  options?: ErrorOptions,
): HoneError {
  return new HoneError("BadData", `data set "${dataset}"`, `${column} ${what}.`, options);
}

export function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number") return `${value}`;
  if (typeof value === "string") return `a string (${JSON.stringify(value.slice(0, 40))})`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return value.constructor?.name ?? "an object";
}

async function readShaped(input: unknown, place: ColumnPlace): Promise<ColumnValues> {
  if (!isObject(input)) {
    throw refuse(place, `is ${describe(input)}. Give an array, { data, shape } or a tensor`);
  }
  const { shape, scale, offset } = input as Partial<ShapedArray>;
  const isTensor = typeof input.data === "function" || typeof input.dataSync === "function";
  if (!isTensor && (input.data === undefined || input.data === null)) {
    const lacks = Array.isArray(shape) ? " with a shape and no data" : "";
    throw refuse(
      place,
      `is ${describe(input)}${lacks}. Give an array, { data, shape } or a tensor`,
    );
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    const found = Array.isArray(shape) ? `[${shape.join(", ")}]` : describe(shape);
    throw refuse(place, `has the shape ${found}. Give a list of whole numbers, rows first`);
  }
  if (isTensor) return fitted(storable(await tensorData(input, place), place, shape), shape, place);
  const unknown = Object.keys(input).find((field) => !SHAPED_FIELDS.includes(field));
  if (unknown !== undefined) {
    throw refuse(place, `has an unknown field ${unknown}. Give ${SHAPED_FIELDS.join(", ")} alone`);
  }
  return {
    ...fitted(storable(input.data, place, shape), shape, place),
    ...(scale !== undefined && { scale }),
    ...(offset !== undefined && { offset }),
  };
}

async function tensorData(
  tensor: Readonly<Record<string, unknown>>,
  place: ColumnPlace,
): Promise<unknown> {
  if (tensor.isDisposed === true) {
    throw refuse(place, "is a tensor that was disposed. Make the data set before disposing of it");
  }
  if (tensor.dtype === "string" || tensor.dtype === "complex64") {
    throw refuse(place, `is a tensor of ${tensor.dtype}. Give one of numbers`);
  }
  const { data, dataSync } = tensor as { data?: () => unknown; dataSync?: () => unknown };
  try {
    return await (typeof data === "function" ? data : dataSync)?.call(tensor);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : `${cause}`;
    throw refuse(place, `is a tensor that cannot be read (${what}). Give one that can`, { cause });
  }
}

function fitted(
  data: Column["data"],
  shape: readonly number[],
  place: ColumnPlace,
): { readonly data: Column["data"]; readonly shape: readonly number[] } {
  const elements = sizeOf(shape);
  if (shape.length === 0) {
    throw refuse(place, `holds ${data.length} elements, but its shape [] has no rows. Give it one`);
  }
  if (elements !== data.length) {
    const takes = `but its shape [${shape.join(", ")}] takes ${elements}`;
    throw refuse(place, `holds ${data.length} elements, ${takes}. Correct the shape`);
  }
  return { data, shape };
}

/** A list of typed arrays, tensors or shaped arrays, each of them one row. */
async function joinRows(items: readonly unknown[], place: ColumnPlace): Promise<ColumnValues> {
  const rows: ColumnValues[] = [];
  for (const [row, item] of items.entries()) {
    const within = { ...place, column: `${place.column}, row ${row},` };
    const read = Array.isArray(item)
      ? fromNested(item as NestedNumbers, within)
      : await readColumn(item as DatasetInput, within);
    const first = rows[0] ?? read;
    if (read.shape.join() !== first.shape.join()) {
      const [found, wanted] = [read.shape, first.shape].map((shape) => `[${shape.join(", ")}]`);
      throw refuse(
        place,
        `holds ${found} in row ${row}, where row 0 has ${wanted}. Give all rows one shape`,
      );
    }
    const [kind, wanted] = [describe(read.data), describe(first.data)];
    const same =
      kind === wanted && read.scale === first.scale && (read.offset ?? 0) === (first.offset ?? 0);
    if (!same) {
      const what =
        kind === wanted
          ? "another scale or offset than row 0"
          : `${kind}, where row 0 is ${wanted}`;
      throw refuse(place, `has in row ${row} ${what}. Give all rows one kind`);
    }
    rows.push(read);
  }
  const [first] = rows as [ColumnValues];
  const data = emptyLike(first.data, first.data.length * rows.length);
  for (const [row, read] of rows.entries()) data.set(read.data, row * first.data.length);
  return { ...first, data, shape: [rows.length, ...first.shape] };
}

function emptyLike(data: Column["data"], length: number): Column["data"] {
  if (data instanceof Uint8Array) return new Uint8Array(length);
  return data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
}

/** The kind by its tag: a constructor of another window or context is another constructor. */
function kindOf(data: unknown): string {
  return ArrayBuffer.isView(data) ? Object.prototype.toString.call(data).slice(8, -1) : "";
}

/**
 * As a device takes it: uint8, int32 and float32 as they are; other whole numbers as int32 where all fit, and
 * else as float32; other floats as float32.
 * @param shape of all rows, to name a row in an error
 * @throws BadData for what is no array of numbers, or for a number that neither type holds
 */
function storable(
  given: unknown,
  place: ColumnPlace,
  shape: readonly number[] = [],
): Column["data"] {
  const data = given as Numbers;
  const rowOf = (index: number) => Math.floor(index / Math.max(1, sizeOf(shape.slice(1))));
  switch (kindOf(given)) {
    case "Uint8Array":
    case "Uint8ClampedArray":
      return data instanceof Uint8Array ? data : viewOf(Uint8Array, data);
    case "Int32Array":
      return data instanceof Int32Array ? data : viewOf(Int32Array, data);
    case "Float32Array":
      return data instanceof Float32Array ? data : viewOf(Float32Array, data);
    case "Int8Array":
    case "Int16Array":
    case "Uint16Array":
      return Int32Array.from(data as Int16Array);
    case "Uint32Array":
    case "BigInt64Array":
    case "BigUint64Array":
      return wholeNumbers(data as Uint32Array, place, rowOf);
    case "Float16Array":
    case "Float64Array":
      return floats(data as Float64Array, place, rowOf);
    default:
      throw refuse(
        place,
        `is ${describe(given)}. Give a Uint8Array, Int32Array, Float32Array or another array of numbers`,
      );
  }
}

function viewOf<Kind>(
  Kind: new (buffer: ArrayBufferLike, from: number, length: number) => Kind,
  { buffer, byteOffset, length }: Numbers,
): Kind {
  return new Kind(buffer, byteOffset, length);
}

function wholeNumbers(
  data: Uint32Array | BigInt64Array | BigUint64Array,
  place: ColumnPlace,
  rowOf: (index: number) => number,
): Int32Array | Float32Array {
  const values = data as ArrayLike<number | bigint>;
  let fits = true;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number | bigint;
    const number = Number(value);
    if (isInt32(number)) continue;
    fits = false;
    const kept = !place.isLabel && BigInt(Math.fround(number)) === BigInt(value);
    if (kept) continue;
    const what = place.isLabel
      ? "Labels are whole numbers from -2147483648 to 2147483647"
      : "Scale it down, or give floats";
    throw refuse(
      place,
      `holds ${value} in row ${rowOf(index)}, which neither int32 nor float32 holds. ${what}`,
    );
  }
  const numbers = Array.from(values, Number);
  return fits ? Int32Array.from(numbers) : Float32Array.from(numbers);
}

/** Rounded as float32 rounds; NaN and infinities stay, for the check that names them. */
function floats(
  data: ArrayLike<number>,
  place: ColumnPlace,
  rowOf: (index: number) => number,
): Float32Array {
  const stored = Float32Array.from(data);
  for (let index = 0; index < stored.length; index++) {
    const value = data[index] as number;
    if (Number.isFinite(stored[index]) || !Number.isFinite(value)) continue;
    throw refuse(
      place,
      `holds ${value} in row ${rowOf(index)}, which float32 cannot hold. Scale it down`,
    );
  }
  return stored;
}

function fromNested(nested: NestedNumbers, place: ColumnPlace): ColumnValues {
  const shape: number[] = [];
  for (let level: unknown = nested; isListOfValues(level); level = level[0]) {
    shape.push(level.length);
  }
  const values = new Float64Array(sizeOf(shape));
  const kinds = new Set<string>();
  let filled = 0;
  const fill = (part: unknown, depth: number, row: number): void => {
    if (depth === shape.length) {
      if (typeof part !== "number" && typeof part !== "boolean") {
        const fix =
          place.isLabel && typeof part === "string"
            ? "Give each class a number from 0, and its name in classNames"
            : "Give a number there";
        throw refuse(place, `holds ${describe(part)} in row ${row}. ${fix}`);
      }
      values[filled++] = Number(part);
      if (depth < 2) kinds.add(typeof part);
      return;
    }
    if (!isListOfValues(part) || part.length !== shape[depth]) {
      const found = isListOfValues(part) ? `${part.length} elements` : describe(part);
      throw refuse(
        place,
        `holds ${found} in row ${row}, where row 0 has ${shape[depth]} elements. ` +
          "Give all rows one shape",
      );
    }
    for (let index = 0; index < part.length; index++) {
      fill(part[index], depth + 1, depth === 0 ? index : row);
    }
  };
  fill(nested, 0, 0);
  // Whole numbers, one a row: classes. A regression reads them as the same numbers.
  if (place.isLabel && shape.length === 1 && values.every(isInt32)) {
    const booleans = kinds.size === 1 && kinds.has("boolean");
    return { data: booleans ? Uint8Array.from(values) : Int32Array.from(values), shape };
  }
  const length = sizeOf(shape.slice(1));
  return { data: floats(values, place, (index) => Math.floor(index / length)), shape };
}

/** An array, or a typed array of numbers inside one. */
function isListOfValues(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
