/** Blocks are buffers of a GPU: more of them than this would cost more than waiting does. */
const MOST_RESTING = 16;

/**
 * Blocks of scratch memory by number, each lent to one tensor at a time. A tensor takes the shortest
 * free block that holds it, else the longest, which then grows; of equal ones the first that was
 * returned, or the last if it must grow.
 *
 * Blocks that are returned may rest first: so calls that stand close together seldom wait for one another's memory.
 */
export class ScratchPool {
  /** Of every block, its longest tenant's length. */
  readonly lengths: number[] = [];
  /** Free blocks, by length; equal ones in the order in which they were returned. */
  readonly #free: number[] = [];
  readonly #tenants = new Map<number, number>();
  readonly #restBytes: number;
  /** Returned and not free yet, in that order; and the sum of their lengths. */
  readonly #resting: number[] = [];
  #restingBytes = 0;

  /** @param restBytes of blocks that may rest at a time, in the unit of lengths; longer blocks are free at once */
  constructor(restBytes = 0) {
    this.#restBytes = restBytes;
  }

  /** @returns the block that holds the tensor from now on */
  take(tensor: number, length: number): number {
    const fitting = this.#firstFreeOf(length);
    const [found] = this.#free.splice(Math.min(fitting, this.#free.length - 1), 1);
    const block = found ?? this.lengths.length;
    this.lengths[block] = Math.max(this.lengths[block] ?? 0, length);
    this.#tenants.set(tensor, block);
    return block;
  }

  /** Frees the tensor's block, if it has one. */
  release(tensor: number): void {
    const block = this.#tenants.get(tensor);
    if (block === undefined) return;
    this.#tenants.delete(tensor);
    const length = this.lengths[block] as number;
    if (length > this.#restBytes) {
      this.#setFree(block);
      return;
    }
    this.#resting.push(block);
    this.#restingBytes += length;
    while (this.#restingBytes > this.#restBytes || this.#resting.length > MOST_RESTING) {
      const rested = this.#resting.shift() as number;
      this.#restingBytes -= this.lengths[rested] as number;
      this.#setFree(rested);
    }
  }

  #setFree(block: number): void {
    this.#free.splice(this.#firstFreeOf((this.lengths[block] as number) + 1), 0, block);
  }

  /** Where free blocks of at least this length begin, a whole number. */
  #firstFreeOf(length: number): number {
    let [low, high] = [0, this.#free.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isShorter = (this.lengths[this.#free[middle] as number] as number) < length;
      if (isShorter) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
