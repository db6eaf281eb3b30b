/** Accepts the forms in which people hold rows, and makes of them what a model's input takes. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { Shape } from "../graph/types.js";
import type { Picture } from "../pictures.js";
import { isList } from "./row-forms.js";

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
  /** What the values are multiplied by. With neither this nor an offset, bytes are scaled as the data set was. */
  readonly scale?: number | undefined;
  /** What is added after scaling. */
  readonly offset?: number | undefined;
}

type NumericArray = Exclude<ArrayBufferView, DataView> & ArrayLike<number>;

/**
 * Rows for one input: one row or several. Bytes, and pictures, which become bytes of the input's size and channels, are
 * scaled as the data set was that the session has learned from; all other numbers are taken as they are.
 */
export type RowsLike =
  | NumericArray
  | ShapedValues
  | TensorLike
  | readonly Nested[]
  | Picture
  | readonly Picture[];

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

/** A scaling that leaves out what changes nothing. */
export type OwnScaling = { readonly [Part in keyof Scaling]?: number | undefined };

/** What has a shape, before it is known whether it is a tensor. */
interface Shaped extends Omit<ShapedValues, "data"> {
  readonly data: unknown;
  readonly isDisposed: boolean;
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
  const { data, shape, own } = await valuesOf(given, where, input);
  const { rows, row } = rowShape(data.length, shape, input, where);
  const values = converted(data, input.dtype, own ?? (isBytes(data) ? scaling : undefined));
  const index = firstNotFinite(values);
  if (index >= 0) {
    const at = Math.floor(index / sizeOf(row));
    const what = `row ${at} holds ${values[index]}. Replace it by a finite number.`;
    throw new HoneError("BadData", where, what);
  }
  return { rows, shape: row, data: values };
}

/** Numbers, and the shape and the scaling that they bring along. */
export interface Values {
  readonly data: ArrayLike<number>;
  readonly shape?: Shape;
  readonly own?: OwnScaling | undefined;
}

/**
 * @param input what pictures are read for; without one there are none
 * @throws BadArgument for no form it takes
 */
export async function valuesOf(
  given: RowsLike,
  where: string,
  input?: DeclaredInput,
): Promise<Values> {
  if (isNumbers(given)) {
    if (!Array.isArray(given)) return { data: given };
    return (await import("./other-rows.js")).flattened(given, where);
  }
  const { shape, data, scale, offset, isDisposed } = (given ?? {}) as Partial<Shaped>;
  if (Array.isArray(shape)) {
    if (typeof data === "function" && !isDisposed) {
      return { data: await (given as TensorLike).data(), shape };
    }
    if (isNumbers(data) && !Array.isArray(data)) {
      return { data, shape, own: (scale ?? offset) === undefined ? undefined : { scale, offset } };
    }
  }
  return (await import("../pictures/read.js")).readOthers(given, input, where);
}

/** True for a list of numbers, or of lists of them, by what is first in it. */
function isNumbers(given: unknown): given is ArrayLike<number> {
  if (!isList(given)) return false;
  const first = given[0];
  return isList(first) || first === null || !/object|bigint/.test(typeof first);
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

/** By name, for an array of another window is none of this one's. */
const isBytes = (data: ArrayLike<number>) =>
  `${(data as Uint8Array)[Symbol.toStringTag]}`.startsWith("Uint8");

/** As float32, scaled. */
export function floats(
  data: ArrayLike<number>,
  { scale = 1, offset = 0 }: OwnScaling = {},
): Float32Array {
  return scale === 1 && offset === 0
    ? Float32Array.from(data)
    : Float32Array.from(data, (value) => value * scale + offset);
}

function converted(
  data: ArrayLike<number>,
  dtype: "float32" | "int32",
  scaling: OwnScaling | undefined,
): InputRows {
  const isFloat = dtype === "float32";
  if (!scaling && data instanceof (isFloat ? Float32Array : Int32Array)) return data;
  if (isFloat) return floats(data, scaling);
  const { scale = 1, offset = 0 } = scaling ?? {};
  return Int32Array.from(data, (value) => Math.trunc(value * scale + offset));
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
