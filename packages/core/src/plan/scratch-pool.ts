/**
 * Blocks of scratch memory by number, each lent to one tensor at a time. A tensor takes the shortest
 * free block that holds it, else the longest, which then grows; of equal ones the first that was
 * returned, or the last if it must grow.
 */
export class ScratchPool {
  /** Of every block, its longest tenant's length. */
  readonly lengths: number[] = [];
  /** Free blocks, by length; equal ones in the order in which they were returned. */
  readonly #free: number[] = [];
  readonly #tenants = new Map<number, number>();

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
