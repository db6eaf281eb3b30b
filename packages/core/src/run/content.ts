/**
 * A number that tells whether the arrays of a data set still hold what they held.
 *
 * People refill arrays between two calls of `fit`. The whole content is looked at, since a sample would miss a change;
 * 47 MB of MNIST take some 20 ms, twice that the first time.
 */
import { atOnce, inPieces, type Pieces } from "../turns.js";
import { checkHasColumns, type Dataset } from "./dataset-columns.js";

const SEED = 0x811c9dc5;
/** Murmur's finalizer constants: every bit of a word reaches every bit of the sum. */
const FIRST = 0x85ebca6b;
const SECOND = 0xc2b2ae35;

/** A data set whose rows others stand for, and how many bytes of theirs one of its rows has. */
interface StoodFor {
  readonly dataset: Dataset;
  readonly rowBytes: number;
}

const stoodFor = new WeakMap<ArrayBufferLike, StoodFor>();

/** What lies in this memory is made of a data set's rows, and is known by their content from now on. */
export function standIn(memory: ArrayBufferLike, rows: StoodFor): void {
  stoodFor.set(memory, rows);
}

/** Depends on every element of every column, and on their places. @throws BadData for what is no data set at all */
export const contentOf = (dataset: Dataset): number => atOnce(lookingAt(dataset));

/** The same, between whose pieces the thread may do something else. @throws as `contentOf` */
export const contentInTurns = (dataset: Dataset): Promise<number> => inPieces(lookingAt(dataset));

function* lookingAt(dataset: Dataset): Pieces<number> {
  checkHasColumns(dataset);
  const { columns, rows } = dataset;
  for (const { data } of Object.values(columns)) {
    const other = stoodFor.get(data.buffer);
    if (other) return yield* contentOfRows(other.dataset, data.byteOffset / other.rowBytes, rows);
  }
  let hash = SEED ^ rows;
  for (const { data } of Object.values(columns)) hash = yield* hashOf(data, hash);
  return hash;
}

function* contentOfRows(
  { columns, rows: all }: Dataset,
  start: number,
  rows: number,
): Pieces<number> {
  let hash = SEED ^ rows;
  for (const { data } of Object.values(columns)) {
    const length = data.length / all;
    hash = yield* hashOf(data.subarray(start * length, (start + rows) * length), hash);
  }
  return hash;
}

function* hashOf(data: ArrayBufferView, start: number): Pieces<number> {
  const { buffer, byteOffset, byteLength } = data;
  const sums: Sums = [start ^ byteLength, start];
  const length = byteOffset % 4 === 0 ? (byteLength >> 3) * 2 : 0;
  const words = new Int32Array(buffer, length === 0 ? 0 : byteOffset, length);
  for (let first = 0; first < length; first += PIECE) {
    addWords(sums, words, first, Math.min(first + PIECE, length));
    yield;
  }
  let [hash, other] = sums;
  const rest = new Uint8Array(buffer, byteOffset, byteLength);
  for (let at = length * 4; at < byteLength; at++) {
    hash = Math.imul(hash ^ (rest[at] as number), FIRST);
  }
  return Math.imul(hash ^ (other >>> 16), SECOND) ^ other;
}

/** Two sums that need not wait for one another: one multiplication follows the other otherwise. */
type Sums = [number, number];

/** Words of a piece of work: below a millisecond. An even number. */
const PIECE = 2 ** 18;

function addWords(sums: Sums, words: Int32Array, first: number, end: number): void {
  let [hash, other] = sums;
  for (let index = first; index < end; index += 2) {
    hash = Math.imul(hash ^ (words[index] as number), FIRST);
    hash ^= hash >>> 13;
    other = Math.imul(other ^ (words[index + 1] as number), SECOND);
    other ^= other >>> 15;
  }
  sums[0] = hash;
  sums[1] = other;
}
