/**
 * What a session was asked to do since its last snapshot. After a device is lost it is done again from there, so that the
 * caller, who has had the results, finds the state that goes with them.
 */

/** Rows are copied into it, since callers fill their arrays anew. */
const MOST_BYTES = 2 ** 26;

export class Journal {
  readonly #entries: (() => Promise<unknown>)[] = [];
  #bytes = 0;

  /** @param redo does it again, on copies of its own @param bytes of those */
  add(redo: () => Promise<unknown>, bytes: number): void {
    this.#entries.push(redo);
    this.#bytes += bytes;
  }

  /** Time for a snapshot. */
  get isFull(): boolean {
    return this.#bytes > MOST_BYTES;
  }

  /** There is a snapshot of all of it. */
  clear(): void {
    this.#entries.length = 0;
    this.#bytes = 0;
  }

  async replay(): Promise<void> {
    for (const redo of [...this.#entries]) await redo();
  }
}
