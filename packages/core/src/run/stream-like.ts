/** In what forms data may come in turn. */

/** A tf.data.Dataset, structurally. */
export interface TfDataset {
  iterator(): Promise<{ next(): Promise<{ readonly value: unknown; readonly done?: boolean }> }>;
}

/**
 * Batches (`{ x, y, sampleWeights? }`, tf.data's `{ xs, ys }`, or `[x, y]`) or shards (data sets) in turn. For more than
 * one epoch it must be possible to begin anew: a function that makes the iterable, an object that is iterated again,
 * or a tf.data data set. The arrays of a batch, not of a shard, may be filled anew once the next is asked for.
 */
export type StreamLike =
  | AsyncIterable<unknown>
  | Iterable<unknown>
  | (() => AsyncIterable<unknown> | Iterable<unknown>)
  | TfDataset;

export function isStream(given: unknown): given is StreamLike {
  if (typeof given === "function") return true;
  if (typeof given !== "object" || given === null || "columns" in given) return false;
  return Symbol.asyncIterator in given || Symbol.iterator in given || isTfDataset(given);
}

/** True for what is a tf.data data set, and no iterable of its own. */
export function isTfDataset(given: StreamLike | object): given is TfDataset {
  if (typeof given === "function" || Symbol.asyncIterator in given || Symbol.iterator in given) {
    return false;
  }
  return typeof (given as Partial<TfDataset>).iterator === "function";
}
