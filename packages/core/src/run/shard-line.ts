/**
 * Shards out of a stream, one after another, with one on its way while another trains.
 *
 * The one that trains is kept until the next is asked for, so that another device can be given it. To be anywhere else
 * the stream is begun anew and gone through up to there: the same batches give the same shards.
 */
import { checkAborted } from "../abort.js";
import type { BatchRows } from "./batch-rows.js";
import {
  batchIn,
  disposeTensors,
  openStream,
  type Shard,
  Shards,
  type StreamBatch,
} from "./stream.js";
import { isTfDataset, type StreamLike } from "./stream-like.js";
import type { Before } from "./training-run.js";

export interface LineOptions {
  readonly stream: StreamLike;
  /** Rows of a batch as the model takes them. */
  readonly readBatch: (batch: StreamBatch) => Promise<BatchRows>;
  readonly signal: AbortSignal | undefined;
  /** Rows of a step where the stream does not say. */
  readonly batchSize: number;
  /** Steps of an epoch; without it each epoch begins the stream anew. */
  readonly batchesPerEpoch: number | undefined;
}

/** A shard, and where in the stream it is. */
export interface TakenShard {
  readonly shard: Shard;
  readonly place: string;
}

export class ShardLine {
  readonly #options: LineOptions;
  #source: Source | undefined;
  #epoch = 0;
  /** Shards taken out of the source since it was opened, and steps that this epoch may still take. */
  #taken = 0;
  #left = 0;
  #current: TakenShard | undefined;
  #upcoming: Promise<TakenShard | undefined> | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /**
   * The shard where an epoch stands, or undefined where the epoch ends.
   * @param before what the epoch has had
   */
  async at(epoch: number, before: Before): Promise<TakenShard | undefined> {
    const place = this.#placeOf(epoch, before);
    if (this.#current?.place === place) return this.#current;
    this.#recycle();
    const isNext = this.#source !== undefined && this.#nextPlace(epoch) === place;
    const found = this.#upcoming ?? (isNext ? this.#next() : undefined);
    this.#upcoming = undefined;
    const next = await found;
    if (next?.place === place) this.#current = next;
    else if (next !== undefined || !isNext) this.#current = await this.#reopened(epoch, before);
    return this.#current;
  }

  /** Begins to take the next shard, while the present one trains. */
  ahead(prepare: (next: TakenShard) => Promise<void>): void {
    if (this.#upcoming) return;
    const upcoming = this.#next().then(async (next) => {
      if (next) await prepare(next);
      return next;
    });
    // It is awaited later; what it throws must not be unhandled until then.
    upcoming.catch(() => undefined);
    this.#upcoming = upcoming;
  }

  /** Nobody wants what comes. @returns the shard that was on its way */
  async leave(): Promise<TakenShard | undefined> {
    this.#source?.leave();
    const upcoming = await this.#upcoming?.catch(() => undefined);
    this.#upcoming = undefined;
    await this.#source?.close();
    return upcoming;
  }

  /** Each epoch has places of its own, unless the stream runs on from one to the next. */
  #placeOf(epoch: number, { passes, allPasses }: Before): string {
    return this.#options.batchesPerEpoch === undefined ? `${epoch}:${passes}` : `${allPasses}`;
  }

  #nextPlace(epoch: number): string {
    if (this.#options.batchesPerEpoch === undefined) {
      return epoch === this.#epoch ? `${epoch}:${this.#taken}` : "";
    }
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#left = this.#options.batchesPerEpoch;
    }
    return `${this.#taken}`;
  }

  async #next(): Promise<TakenShard | undefined> {
    if (this.#left <= 0) return undefined;
    const shard = await this.#source?.next(this.#left);
    if (!shard) return undefined;
    this.#left -= Math.ceil(shard.dataset.rows / (shard.batchSize ?? this.#options.batchSize));
    const number = this.#taken++;
    const { batchesPerEpoch } = this.#options;
    return {
      shard,
      place: batchesPerEpoch === undefined ? `${this.#epoch}:${number}` : `${number}`,
    };
  }

  /** Begins the stream anew and goes to where the epoch stands. */
  async #reopened(epoch: number, before: Before): Promise<TakenShard | undefined> {
    const { batchesPerEpoch = Number.POSITIVE_INFINITY } = this.#options;
    await this.#source?.close();
    this.#source = new Source(this.#options);
    this.#taken = 0;
    this.#epoch = epoch;
    this.#left = batchesPerEpoch;
    const isEndless = batchesPerEpoch !== Number.POSITIVE_INFINITY;
    for (let skipped = isEndless ? before.allPasses : before.passes; skipped > 0; skipped--) {
      if (this.#left <= 0) this.#left = batchesPerEpoch;
      const passed = await this.#next();
      if (!passed) return undefined;
      this.#source.recycle(passed.shard);
    }
    if (before.passes === 0) this.#left = batchesPerEpoch;
    return this.#next();
  }

  #recycle(): void {
    if (this.#current) this.#source?.recycle(this.#current.shard);
    this.#current = undefined;
  }
}

/** The stream itself, opened. */
class Source {
  readonly #options: LineOptions;
  readonly #iterator: AsyncIterator<unknown>;
  /** Tensors of a tf.data data set are made for whoever takes them, as tfjs's fitDataset does. */
  readonly #ownsTensors: boolean;
  readonly #shards = new Shards();
  readonly #ready: Shard[] = [];
  #ended = false;
  #closed = false;
  #left = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#iterator = openStream(options.stream);
    this.#ownsTensors = isTfDataset(options.stream);
  }

  /** Nobody wants what comes: a shard that is being filled ends with the batch it waits for. */
  leave(): void {
    this.#left = true;
  }

  /** @param most batches to take @returns undefined at the end of the stream @throws Aborted */
  async next(most: number): Promise<Shard | undefined> {
    while (this.#ready.length === 0 && !this.#ended && this.#shards.batches < most) {
      checkAborted(this.#options.signal);
      if (this.#left) return undefined;
      const { value, done } = await this.#iterator.next();
      if (done) {
        this.#ended = true;
        break;
      }
      const item = batchIn(value);
      if ("columns" in item) {
        this.#push(this.#shards.flush());
        this.#push({ dataset: item, batchSize: undefined });
      } else {
        this.#push(this.#shards.add(await this.#options.readBatch(item)));
        if (this.#ownsTensors) disposeTensors(value);
      }
    }
    const ready = this.#ready.shift();
    return ready ?? this.#shards.flush();
  }

  recycle(shard: Shard): void {
    this.#shards.recycle(shard);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#ended) await this.#iterator.return?.();
  }

  #push(shard: Shard | undefined): void {
    if (shard) this.#ready.push(shard);
  }
}
