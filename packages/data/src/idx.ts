/**
 * IDX, the format of the MNIST files: two zero bytes, a type, the count of dimensions, each dimension
 * as a big-endian uint32, then the elements. Nothing is allocated on the word of a header: its sizes
 * are multiplied exactly and compared with the bytes at hand first. Of a gzip file those are not known
 * before it is unpacked, and deflate packs a thousand zeros into one byte: a bound stands in for them.
 */
import { HoneError } from "@hone/core/backend";
import { DEFLATE_MAXIMUM_RATIO, gunzip, isGzip } from "./gzip.js";

export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

interface IdxHeader {
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
  /** Of the whole file, expanded. */
  readonly fileBytes: number;
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};
const MAXIMUM_RANK = 4;
const LONGEST_HEADER = 4 + 4 * MAXIMUM_RANK;

/** What a gzip file may unpack to beyond twice its own length: the official files need 27 MB of it. */
export const UNPACKED_BYTES = 256 * 2 ** 20;

/**
 * Reads an IDX file of unsigned bytes, gzip or plain (told apart by their first bytes).
 * @param where the file's name, for errors
 * @param ranks the numbers of dimensions that will do
 * @throws BadData naming the file, with what was expected and what was found; or that it unpacks to more than
 * `UNPACKED_BYTES` over twice its length, before it does.
 */
export async function readIdx(
  bytes: Uint8Array,
  where: string,
  ranks: readonly number[],
): Promise<IdxArray> {
  const plain = isGzip(bytes) ? await expand(bytes, where, ranks) : bytes;
  const header = parseHeader(plain, where, ranks);
  checkLength(plain.length, header, where);
  return { shape: header.shape, data: plain.subarray(header.start) };
}

/** Expands a gzip IDX file into one allocation of the size its header asks for, and no larger. */
async function expand(
  compressed: Uint8Array,
  where: string,
  ranks: readonly number[],
): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  let target: Uint8Array | undefined;
  let header: IdxHeader | undefined;
  let filled = 0;
  for await (const chunk of gunzip(compressed, where)) {
    if (target === undefined || header === undefined) {
      head = concatenate(head, chunk);
      if (head.length < LONGEST_HEADER) continue;
      header = parseHeader(head, where, ranks);
      const possible = compressed.length * DEFLATE_MAXIMUM_RATIO;
      if (header.fileBytes > possible) throw wrongLength(where, header, `at most ${possible}`);
      const most = UNPACKED_BYTES + 2 * compressed.length;
      if (header.fileBytes > most) throw tooLarge(where, header, most);
      if (head.length > header.fileBytes) throw wrongLength(where, header, "more");
      target = new Uint8Array(header.fileBytes);
      target.set(head);
      filled = head.length;
    } else {
      if (filled + chunk.length > target.length) throw wrongLength(where, header, "more");
      target.set(chunk, filled);
      filled += chunk.length;
    }
  }
  return target === undefined ? head : target.subarray(0, filled);
}

function parseHeader(bytes: Uint8Array, where: string, ranks: readonly number[]): IdxHeader {
  if (bytes.length < 4) {
    throw new HoneError(
      "BadData",
      where,
      `it holds ${bytes.length} bytes, but an IDX file begins with a 4-byte magic number. ` +
        "Replace the file with a complete copy.",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const type = (magic >>> 8) & 0xff;
  const rank = magic & 0xff;
  if (magic >>> 16 !== 0 || type !== 8 || !ranks.includes(rank)) {
    const found = magic >>> 16 === 0 ? (TYPE_NAMES[type] ?? "an unknown type") : "no IDX file";
    const expected = ranks.map((each) => hexadecimal(0x0800 + each)).join(" or ");
    throw new HoneError(
      "BadData",
      where,
      `its magic number is ${hexadecimal(magic)} (${found}${magic >>> 16 === 0 ? `, ${rank} dimensions` : ""}), ` +
        `but ${expected} was expected (uint8, ${ranks.join(" or ")} dimensions). ` +
        "Check that images and labels are not exchanged.",
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new HoneError(
      "BadData",
      where,
      `it ends after ${bytes.length} bytes, inside its ${start}-byte header. Replace the file with a complete copy.`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = shape.reduce((product, size) => product * size, 1);
  // Below 2^53 a product of whole numbers is exact; at or above it no file can be that long.
  if (!Number.isSafeInteger(elements + start) || elements === 0) {
    throw new HoneError(
      "BadData",
      where,
      `its header gives the shape [${shape.join(", ")}], ${elements === 0 ? "which is empty" : "which no file can hold"}. ` +
        "Replace the file with a complete copy.",
    );
  }
  return { shape, start, fileBytes: elements + start };
}

function tooLarge(where: string, { shape, fileBytes }: IdxHeader, most: number): HoneError {
  return new HoneError(
    "BadData",
    where,
    `its header gives the shape [${shape.join(", ")}], which takes ${fileBytes} bytes, and a gzip file of this length ` +
      `is unpacked to ${most} at most. Unpack it with gunzip if it is what you want.`,
  );
}

function checkLength(bytes: number, header: IdxHeader, where: string): void {
  if (bytes !== header.fileBytes) throw wrongLength(where, header, `${bytes}`);
}

function wrongLength(where: string, header: IdxHeader, actual: string): HoneError {
  return new HoneError(
    "BadData",
    where,
    `its header gives the shape [${header.shape.join(", ")}], which takes ${header.fileBytes} bytes, ` +
      `but it holds ${actual}. Replace the file with a complete copy.`,
  );
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
