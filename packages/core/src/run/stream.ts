/**
 * Data that comes in turn instead of lying in memory: batches or shards, from an async iterable or a tf.data data set.
 *
 * Batches of one size are joined into shards, so that the device takes many steps without a message in between, just
 * the steps that batch after batch would be. The arrays of a shard are used again once it is uploaded.
 */
import { HoneError } from "../errors.js";
import { contentText } from "../value-text.js";
import type { BatchRows } from "./batch-rows.js";
import type { Column, Dataset } from "./dataset.js";
import { isRecord } from "./row-forms.js";
import { flattenedNames } from "./shard-columns.js";
import { isStream, type StreamLike } from "./stream-like.js";

/** A stretch of a stream: rows for several steps. */
export interface Shard {
  readonly dataset: Dataset;
  /** Rows of a step; undefined for a shard whose batches are not given by the stream. */
  readonly batchSize: number | undefined;
}

/** Bytes of the batches that are joined. */
const SHARD_BYTES = 2 ** 25;

/** Gives back the memory of all tensors in a batch. */
export function disposeTensors(batch: unknown): void {
  if (typeof batch !== "object" || batch === null || ArrayBuffer.isView(batch)) return;
  const { dispose } = batch as { readonly dispose?: unknown };
  if (typeof dispose === "function") dispose.call(batch);
  // Of nothing else: a page's elements may lead to all of the page, as React hangs its tree on them.
  else if (Array.isArray(batch) || isRecord(batch)) Object.values(batch).forEach(disposeTensors);
}

/** Begins the stream anew. @throws BadData for a function that gives no stream */
export function openStream(stream: StreamLike): AsyncIterator<unknown> {
  const source = typeof stream === "function" ? stream() : stream;
  if (typeof source === "function" || !isStream(source)) {
    const what = `the function gave ${contentText(source)}. Give one that makes an async iterable of batches: async function* () { … }.`;
    throw new HoneError("BadData", "stream", what);
  }
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  if (Symbol.iterator in source) {
    const iterator = source[Symbol.iterator]();
    return {
      next: async () => iterator.next(),
      return: async (value) => iterator.return?.(value) ?? { done: true, value: undefined },
    };
  }
  const opened = source.iterator();
  return {
    next: async () => {
      const { value, done } = await (await opened).next();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
  };
}

/** What a stream's batch holds. */
export interface StreamBatch {
  readonly x: unknown;
  readonly y: unknown;
  readonly sampleWeights: unknown;
}

/** @throws BadData for what is neither a batch nor a shard */
export function batchIn(item: unknown): StreamBatch | Dataset {
  if (typeof item === "object" && item !== null) {
    if ("columns" in item && "rows" in item) return item as Dataset;
    if (Array.isArray(item) && (item.length === 2 || item.length === 3)) {
      return { x: item[0], y: item[1], sampleWeights: item[2] };
    }
    const { x, y, xs, ys, sampleWeights } = item as Record<string, unknown>;
    if (x !== undefined) return { x, y, sampleWeights };
    if (xs !== undefined) return { x: xs, y: ys, sampleWeights };
  }
  throw new HoneError(
    "BadData",
    "stream",
    `it gave ${contentText(item)}. Give batches { x, y }, or data sets.`,
  );
}

type Parts = readonly (readonly [string, Column])[];

/** Shared memory, where there is such: a worker then reads it where it lies, instead of being sent a copy. */
const newBuffer = (bytes: number): ArrayBufferLike =>
  typeof SharedArrayBuffer === "function" ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);

/** Joins batches into shards; what does not go with the batches before it begins a new one. */
export class Shards {
  #parts: Map<string, { column: Column; filled: number }> | undefined;
  #batchSize = 0;
  #rows = 0;
  #capacity = 0;
  #labels: readonly string[] = [];
  #weights: Readonly<Record<string, string>> = {};
  #spare: ArrayBufferLike[] = [];

  /** Takes a batch in. @returns the shard before it, when it is full or the batch does not go with it */
  add(batch: BatchRows): Shard | undefined {
    const { parts, labels, weights } = flattenedNames(batch);
    const before = this.#fits(parts, batch.rows) ? undefined : this.flush();
    if (this.#parts === undefined) this.#begin(parts, batch.rows);
    this.#labels = labels;
    this.#weights = weights;
    for (const [name, column] of parts) {
      const own = this.#parts?.get(name);
      if (!own) continue;
      own.column.data.set(column.data, own.filled);
      own.filled += column.data.length;
    }
    this.#rows += batch.rows;
    return before ?? (this.#rows >= this.#capacity ? this.flush() : undefined);
  }

  /** Batches joined so far. */
  get batches(): number {
    return this.#rows === 0 ? 0 : this.#rows / this.#batchSize;
  }

  /** What has been joined so far. */
  flush(): Shard | undefined {
    const parts = this.#parts;
    if (!parts || this.#rows === 0) return undefined;
    const columns = Object.fromEntries(
      [...parts].map(([name, { column, filled }]) => [
        name,
        { ...column, data: column.data.subarray(0, filled) },
      ]),
    );
    const dataset: Dataset = {
      name: "stream",
      rows: this.#rows,
      columns,
      labels: this.#labels,
      ...(Object.keys(this.#weights).length > 0 && { sampleWeights: this.#weights }),
    };
    this.#parts = undefined;
    this.#rows = 0;
    return { dataset, batchSize: this.#batchSize };
  }

  /** The arrays of an uploaded shard may be filled again. */
  recycle({ dataset }: Shard): void {
    if (dataset.name !== "stream") return;
    for (const { data } of Object.values(dataset.columns)) this.#spare.push(data.buffer);
  }

  #fits(parts: Parts, rows: number): boolean {
    if (this.#parts === undefined) return true;
    if (rows !== this.#batchSize || parts.length !== this.#parts.size) return false;
    return parts.every(([name, column]) => {
      const own = this.#parts?.get(name)?.column;
      return (
        own !== undefined &&
        own.data.constructor === column.data.constructor &&
        `${own.shape}` === `${column.shape}` &&
        own.scale === column.scale &&
        own.offset === column.offset
      );
    });
  }

  #begin(parts: Parts, rows: number): void {
    const bytes = parts.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
    const batches = Math.max(1, Math.floor(SHARD_BYTES / Math.max(1, bytes)));
    this.#batchSize = rows;
    this.#capacity = batches * rows;
    this.#parts = new Map(
      parts.map(([name, column]) => {
        const data = this.#room(column.data, batches);
        return [name, { column: { ...column, data }, filled: 0 }];
      }),
    );
    this.#spare = [];
  }

  #room(like: Column["data"], batches: number): Column["data"] {
    const bytes = like.byteLength * batches;
    const at = this.#spare.findIndex(({ byteLength }) => byteLength === bytes);
    const buffer = at >= 0 ? (this.#spare.splice(at, 1)[0] as ArrayBufferLike) : newBuffer(bytes);
    if (like instanceof Uint8Array) return new Uint8Array(buffer);
    return like instanceof Int32Array ? new Int32Array(buffer) : new Float32Array(buffer);
  }
}
