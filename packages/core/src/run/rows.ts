/** Accepts the forms in which people hold rows, and makes of them what a model's input takes. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { Shape } from "../graph/types.js";
import { valueText } from "../value-text.js";
import { flattened } from "./nested.js";

/** A tf.Tensor, structurally. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly isDisposed?: boolean;
  data(): Promise<ArrayLike<number>>;
}

/** Numbers that arrays hold one in another: rows of rows. */
export type Nested = number | boolean | readonly Nested[];

/** Values in a typed array, and their shape where it is not that of whole rows. */
export interface ShapedValues {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

type NumericArray = Exclude<ArrayBufferView, DataView> & ArrayLike<number>;

/**
 * Rows for one input: one row or several. Bytes are scaled as the data set was that the session has learned from;
 * all other numbers are taken as they are.
 */
export type RowsLike = NumericArray | ShapedValues | TensorLike | readonly Nested[];

/** An input as a model declares it: null where it leaves an extent free. */
export interface DeclaredInput {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: "float32" | "int32";
}

/** Values as the device takes them. */
export type InputRows = Float32Array | Int32Array;

/** value = byte · scale + offset */
export interface Scaling {
  readonly scale: number;
  readonly offset: number;
}

export interface ReadRows {
  readonly rows: number;
  /** Of one row. */
  readonly shape: Shape;
  readonly data: InputRows;
}

/**
 * @param scaling of bytes; as they are unless given
 * @throws BadArgument for no form it takes; ShapeMismatch; BadData for values that are not finite
 */
export async function readRows(
  given: RowsLike,
  input: DeclaredInput,
  scaling: Scaling | undefined,
  where: string,
): Promise<ReadRows> {
  const { data, shape } = await valuesOf(given, where);
  const { rows, row } = rowShape(data.length, shape, input, where);
  const values = converted(data, input.dtype, scaling);
  const index = firstNotFinite(values);
  if (index >= 0) {
    const at = Math.floor(index / sizeOf(row));
    const what = `row ${at} holds ${values[index]}. Replace it by a finite number.`;
    throw new HoneError("BadData", where, what);
  }
  return { rows, shape: row, data: values };
}

/** Numbers, and the shape they bring along. @throws BadArgument for no form it takes */
export async function valuesOf(
  given: RowsLike,
  where: string,
): Promise<{ readonly data: ArrayLike<number>; readonly shape: Shape | undefined }> {
  if (ArrayBuffer.isView(given) && !(given instanceof DataView)) {
    return { data: given as NumericArray, shape: undefined };
  }
  if (Array.isArray(given)) return flattened(given as readonly Nested[], where);
  const shaped = given as Partial<ShapedValues> & Partial<TensorLike>;
  if (typeof shaped?.data === "function") {
    if (shaped.isDisposed === true)
      refuse(where, `the tensor [${shaped.shape}] was disposed. Keep it until it is read`);
    return { data: await (given as TensorLike).data(), shape: shaped.shape as Shape };
  }
  const data = shaped?.data as unknown;
  if (ArrayBuffer.isView(data) && !(data instanceof DataView) && Array.isArray(shaped.shape)) {
    return { data: data as NumericArray, shape: shaped.shape };
  }
  const found =
    typeof given === "object" && given !== null
      ? `an object with ${Object.keys(given)}`
      : valueText(given);
  return refuse(
    where,
    `the rows are in no form it takes (${found}). Give a typed array, nested arrays, a tf.Tensor, or { data: typed array, shape }`,
  );
}

/** How many rows there are, and the shape of one. A shape that is that of one row means one row. */
function rowShape(
  length: number,
  shape: Shape | undefined,
  { name, shape: declared }: DeclaredInput,
  where: string,
): { readonly rows: number; readonly row: Shape } {
  const isKnown = !declared.includes(null);
  const size = isKnown ? sizeOf(declared as Shape) : undefined;
  const mismatch = (): never => {
    const wanted = declared.map((extent) => extent ?? "free");
    const got = shape ? `${length} values of shape [${shape}]` : `${length} values`;
    throw new HoneError(
      "ShapeMismatch",
      where,
      `got ${got}, the model's input "${name}" takes [rows,${wanted}]. Reshape the rows.`,
    );
  };
  if (shape === undefined) {
    if (size === undefined) return mismatch();
    const rows = length / size;
    return Number.isInteger(rows) ? { rows, row: declared as Shape } : mismatch();
  }
  if (sizeOf(shape) !== length) return mismatch();
  if (size === undefined) {
    const row = shape.length === declared.length ? shape : shape.slice(1);
    const fits =
      row.length === declared.length &&
      declared.every((own, at) => own === null || own === row[at]);
    return fits
      ? { rows: shape.length === declared.length ? 1 : (shape[0] as number), row }
      : mismatch();
  }
  const isOneRow = sizeOf(shape) === size && shape[0] !== 1;
  const rowSize = isOneRow ? size : sizeOf(shape.slice(1));
  if (rowSize !== size && !(length === 0)) return mismatch();
  return { rows: isOneRow ? 1 : (shape[0] ?? 0), row: declared as Shape };
}

const isBytes = (data: ArrayLike<number>) =>
  data instanceof Uint8Array || data instanceof Uint8ClampedArray;

function converted(
  data: ArrayLike<number>,
  dtype: "float32" | "int32",
  scaling: Scaling | undefined,
): InputRows {
  const { scale, offset } = (isBytes(data) ? scaling : undefined) ?? { scale: 1, offset: 0 };
  const scaled = scale !== 1 || offset !== 0;
  if (dtype === "int32") {
    if (data instanceof Int32Array) return data;
    return Int32Array.from(data, (value) => Math.trunc(value * scale + offset));
  }
  if (data instanceof Float32Array) return data;
  return scaled
    ? Float32Array.from(data, (value) => value * scale + offset)
    : Float32Array.from(data);
}

/**
 * Index of the first NaN or infinity, or −1. Zero times either is NaN, so four sums that need not wait
 * for one another tell whether there is any: the check costs a fifth of asking each number.
 */
export function firstNotFinite(data: InputRows): number {
  if (data instanceof Int32Array) return -1;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = data.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    a += 0 * (data[index] as number);
    b += 0 * (data[index + 1] as number);
    c += 0 * (data[index + 2] as number);
    d += 0 * (data[index + 3] as number);
  }
  for (let index = whole; index < data.length; index++) a += 0 * (data[index] as number);
  return a + b + c + d === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value));
}

function refuse(where: string, what: string): never {
  throw new HoneError("BadArgument", where, `${what}.`);
}
