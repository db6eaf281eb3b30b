/**
 * Safetensors (https://huggingface.co/docs/safetensors): eight bytes that say how long the header is, the header as
 * JSON, and the tensors one after another. Written so that other readers open it, read as a stranger's.
 *
 * Surprising fact: JSON.parse keeps the last of two equal keys without a word, and other readers keep the first; so
 * the keys in the text are counted too.
 */
import { badModelFile, quote } from "./bad-model-file.js";
import {
  isJsonArray,
  isJsonObject,
  type JsonKind,
  type JsonObject,
  parseJsonObject,
} from "./json.js";
import { countElements } from "./manifest.js";

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** A tensor where it lies in a file; its bytes belong to the file, and need not be aligned. */
export interface FiledTensor {
  readonly name: string;
  readonly dtype: TypeName;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file, read. */
export interface Safetensors {
  /** In the order in which they lie in the file. */
  readonly tensors: readonly FiledTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where they lie in the file, one after another. */
  readonly data: Uint8Array<ArrayBuffer>;
}

export const METADATA = "__metadata__";
export const LENGTH_BYTES = 8;
/** The format's own limit, which its other readers hold too. */
const MAX_HEADER_BYTES = 100_000_000;
export const HEADER: JsonKind = {
  name: "safetensors file",
  again: "Take another copy.",
  maxBytes: MAX_HEADER_BYTES,
  maxValues: 1_000_000,
};
const TYPES = {
  F32: { bytes: 4, array: Float32Array },
  F64: { bytes: 8, array: Float64Array },
  I32: { bytes: 4, array: Int32Array },
} as const;
export type TypeName = keyof typeof TYPES;

/** A copy of a tensor's values. */
export function valuesOf({ dtype, bytes }: FiledTensor): NamedTensor["data"] {
  // Not `bytes.slice()`: that of a Node Buffer is a view.
  return new TYPES[dtype].array(new Uint8Array(bytes).buffer);
}

/**
 * Reads and checks a file of float32, float64 and int32 tensors; copies nothing.
 * @throws BadModelFile naming the file and what is wrong: cut short, more bytes than tensors, a header that is not what
 * the format says, tensors that overlap or leave gaps, another dtype, a name twice
 */
export function readSafetensors(bytes: Uint8Array<ArrayBuffer>, where: string): Safetensors {
  const header = readHeader(bytes, where);
  const json = parseJsonObject(header, where, HEADER);
  refuseRepeatedKeys(header, json, where);
  const { [METADATA]: texts = {}, ...entries } = json;
  const data = bytes.subarray(LENGTH_BYTES + header.length);
  const places = Object.entries(entries).map(([name, entry]) => placeOf(name, entry, where));
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let last = 0;
  for (const { name, begin, end } of places) {
    if (begin !== last) {
      const what = begin < last ? "overlaps the one before it" : "leaves a gap before it";
      throw badModelFile(where, `tensor ${quote(name)} ${what}. ${HEADER.again}`);
    }
    last = end;
  }
  if (last !== data.length) {
    const what = last > data.length ? "it is cut short" : "something was added to it";
    const whole = LENGTH_BYTES + header.length + last;
    throw badModelFile(
      where,
      `the file has ${bytes.length} bytes, and ${whole} by its header: ${what}. ${HEADER.again}`,
    );
  }
  const tensors = places.map(({ name, shape, begin, end, dtype }) => ({
    name,
    dtype,
    shape,
    bytes: data.subarray(begin, end),
  }));
  return { tensors, metadata: textsOf(texts, where), data };
}

function readHeader(bytes: Uint8Array<ArrayBuffer>, where: string): Uint8Array<ArrayBuffer> {
  if (bytes.length < LENGTH_BYTES) {
    throw badModelFile(
      where,
      `the file has ${bytes.length} bytes, and a safetensors file at least ${LENGTH_BYTES}: it is cut short. ${HEADER.again}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  if (length > MAX_HEADER_BYTES) {
    throw badModelFile(
      where,
      `its header would have ${length} bytes; at most ${MAX_HEADER_BYTES} are read. Check that it is a safetensors file.`,
    );
  }
  if (length > bytes.length - LENGTH_BYTES) {
    throw badModelFile(
      where,
      `the file has ${bytes.length} bytes, and its header alone ${length}: it is cut short. ${HEADER.again}`,
    );
  }
  return bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

function refuseRepeatedKeys(header: Uint8Array, json: JsonObject, where: string): void {
  let colons = 0;
  let inString = false;
  for (let index = 0; index < header.length; index++) {
    const byte = header[index];
    if (inString && byte === 0x5c) index++;
    else if (byte === 0x22) inString = !inString;
    else if (!inString && byte === 0x3a) colons++;
  }
  if (colons === countKeys(json)) return;
  throw badModelFile(where, `its header has a name twice. ${HEADER.again}`);
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, item) => sum + countKeys(item), own);
}

interface Place {
  readonly name: string;
  readonly dtype: TypeName;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function placeOf(name: string, entry: unknown, where: string): Place {
  const { dtype, shape, data_offsets: offsets, ...more } = (entry ?? {}) as JsonObject;
  if (typeof dtype !== "string" || !Object.hasOwn(TYPES, dtype)) {
    const shown = typeof dtype === "string" ? quote(dtype) : "none";
    throw badModelFile(
      where,
      `tensor ${quote(name)} has the dtype ${shown}; read are ${Object.keys(TYPES).join(" and ")}. Convert it.`,
    );
  }
  const isSizes = (value: unknown) =>
    isJsonArray(value as never) &&
    (value as readonly unknown[]).every(
      (size) => Number.isSafeInteger(size) && (size as number) >= 0,
    );
  const [begin, end, ...others] = (isSizes(offsets) ? offsets : []) as number[];
  const elements = isSizes(shape) ? countElements(shape as readonly number[]) : undefined;
  const isWhole =
    elements !== undefined &&
    begin !== undefined &&
    end === begin + elements * TYPES[dtype as TypeName].bytes &&
    others.length + Object.keys(more).length === 0;
  if (!isWhole) {
    throw badModelFile(
      where,
      `shape and place of tensor ${quote(name)} do not agree: ${quote(JSON.stringify(entry))}. ${HEADER.again}`,
    );
  }
  return { name, dtype: dtype as TypeName, shape: shape as readonly number[], begin, end };
}

function textsOf(texts: unknown, where: string): Readonly<Record<string, string>> {
  const isTexts =
    isJsonObject(texts as never) &&
    Object.values(texts as JsonObject).every((text) => typeof text === "string");
  if (isTexts) return texts as Readonly<Record<string, string>>;
  throw badModelFile(where, `its "${METADATA}" is not text by name. ${HEADER.again}`);
}
