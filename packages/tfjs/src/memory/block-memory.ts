/**
 * A block of a program as a row of tensors.
 *
 * A program addresses ranges of blocks; tfjs has tensors that never change. So a block is a list of pieces
 * that do not overlap, each a range of some tensor. Writing a range cuts the pieces around it; reading one
 * finds the tensor that is just this range, or slices or joins what is there and keeps the result. In a
 * steady step every range read is one that was written, and nothing is copied. What no piece covers is zero.
 */
import { invariant, type TypedArray } from "@hone/core/backend";
import type { StockType, Tensor } from "../stock/stock.js";
import { type ElementType, Source, type Store } from "./source.js";

interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly source: Source;
  /** Where in the source the piece begins. */
  readonly at: number;
}

/** A range of a block: part of a piece, or zeros. */
interface Part {
  readonly offset: number;
  readonly length: number;
  readonly source: Source | undefined;
  readonly at: number;
}

export class BlockMemory {
  readonly #store: Store;
  /** In order of offset. */
  #pieces: Piece[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** The range as one tensor, which stays the block's. */
  tensor(
    offset: number,
    length: number,
    dtype: ElementType,
    shape: readonly number[] = [length],
  ): Tensor {
    const [first, ...others] = this.#parts(offset, length);
    const whole =
      others.length === 0 && first?.source?.length === length ? first.source : undefined;
    const source = whole ?? this.#joined(offset, length, dtype);
    invariant(source.dtype === dtype, "tfjs", `${dtype} read where ${source.dtype} was written`);
    return { dataId: source.dataId, shape, dtype };
  }

  /** Puts a tensor in place of the range. Taken from what the kernels made. */
  putTensor(offset: number, length: number, { dataId }: Tensor, dtype: ElementType): void {
    const taken = this.#store.kernels.take({ dataId, shape: [length], dtype });
    this.#put(offset, new Source(this.#store, length, dtype, taken));
  }

  /** Puts numbers in place of the range; the array must not change afterwards. */
  putValues(offset: number, values: TypedArray, dtype: ElementType): void {
    if (values.length > 0) this.#put(offset, new Source(this.#store, values.length, dtype, values));
  }

  /** The range's numbers, at once: those of what the host has written cost nothing. */
  values(offset: number, length: number, dtype: ElementType): TypedArray {
    const parts = this.#parts(offset, length);
    const [only] = parts;
    if (parts.length === 1 && only?.source) {
      return only.source.readSync().subarray(only.at, only.at + length);
    }
    return assembled(offset, length, dtype, parts, (source) => source.readSync());
  }

  /** A copy of the range as it is now, whatever is put there before it resolves. */
  async read(offset: number, length: number, dtype: ElementType): Promise<TypedArray> {
    const parts = this.#parts(offset, length);
    const sources = [...new Set(parts.flatMap(({ source }) => (source ? [source.retain()] : [])))];
    try {
      const values = await Promise.all(sources.map((source) => source.read()));
      const bySource = new Map(sources.map((source, index) => [source, values[index]]));
      return assembled(offset, length, dtype, parts, (source) => bySource.get(source));
    } finally {
      for (const { source } of parts) source?.release();
    }
  }

  /** Where inside of the range one piece ends and another begins. */
  cuts(offset: number, length: number): number[] {
    return this.#parts(offset, length)
      .slice(1)
      .map((part) => part.offset);
  }

  /** Back to zeros. */
  clear(): void {
    for (const { source } of this.#pieces) source.release();
    this.#pieces = [];
  }

  #put(offset: number, source: Source): void {
    const end = offset + source.length;
    source.retain();
    const [only] = this.#pieces;
    if (
      only &&
      this.#pieces.length === 1 &&
      only.offset === offset &&
      only.length === source.length
    ) {
      only.source.release();
      this.#pieces[0] = { offset, length: source.length, source, at: 0 };
      return;
    }
    const pieces: Piece[] = [];
    for (const piece of this.#pieces) {
      const pieceEnd = piece.offset + piece.length;
      if (pieceEnd <= offset || piece.offset >= end) {
        pieces.push(piece);
        continue;
      }
      if (piece.offset < offset) {
        pieces.push({ ...piece, length: offset - piece.offset });
        piece.source.retain();
      }
      if (pieceEnd > end) {
        const cut = end - piece.offset;
        pieces.push({ ...piece, offset: end, length: piece.length - cut, at: piece.at + cut });
        piece.source.retain();
      }
      piece.source.release();
    }
    pieces.push({ offset, length: source.length, source, at: 0 });
    this.#pieces = pieces.sort((a, b) => a.offset - b.offset);
  }

  /** What the range is made of, in order and without gaps. */
  #parts(offset: number, length: number): Part[] {
    const end = offset + length;
    const parts: Part[] = [];
    let reached = offset;
    for (const piece of this.#pieces) {
      const from = Math.max(piece.offset, offset);
      const to = Math.min(piece.offset + piece.length, end);
      if (from >= to) continue;
      if (from > reached) parts.push(zeros(reached, from - reached));
      const { source } = piece;
      parts.push({ offset: from, length: to - from, source, at: piece.at + from - piece.offset });
      reached = to;
    }
    if (reached < end) parts.push(zeros(reached, end - reached));
    return parts;
  }

  /** Makes the range one piece. */
  #joined(offset: number, length: number, dtype: ElementType): Source {
    const parts = this.#parts(offset, length);
    const { kernels } = this.#store;
    let source: Source;
    if (parts.every((part) => !part.source || part.source.values)) {
      const values = assembled(offset, length, dtype, parts, (part) => part.values);
      source = new Source(this.#store, length, dtype, values);
    } else {
      const tensors = parts.map((part) => this.#partTensor(part, dtype));
      const joined =
        tensors.length === 1 ? (tensors[0] as Tensor) : kernels.run("Concat", tensors, { axis: 0 });
      source = new Source(this.#store, length, dtype, kernels.take(joined));
    }
    this.#put(offset, source);
    return source;
  }

  #partTensor({ source, at, length }: Part, dtype: ElementType): Tensor {
    const { kernels } = this.#store;
    if (!source) return kernels.upload(arrayOf(dtype, length), [length], dtype);
    const tensor: Tensor = { dataId: source.dataId, shape: [source.length], dtype: source.dtype };
    return length === source.length
      ? tensor
      : kernels.run("Slice", { x: tensor }, { begin: [at], size: [length] });
  }
}

const zeros = (offset: number, length: number): Part => ({
  offset,
  length,
  source: undefined,
  at: 0,
});

export function arrayOf(dtype: StockType, length: number): Float32Array | Int32Array {
  return dtype === "float32" ? new Float32Array(length) : new Int32Array(length);
}

/** Always a new array, of the type asked for: a backend may keep whole numbers where it says floats. */
function assembled(
  offset: number,
  length: number,
  dtype: ElementType,
  parts: readonly Part[],
  valuesOf: (source: Source) => TypedArray | undefined,
): TypedArray {
  const result = arrayOf(dtype, length);
  for (const part of parts) {
    const values = part.source && valuesOf(part.source);
    if (values) result.set(values.subarray(part.at, part.at + part.length), part.offset - offset);
  }
  return result;
}
