/** How many steps to enqueue at once, so that replies come at about the wanted interval. */
export class ChunkSize {
  readonly #targetMs: number;
  readonly #longest: number;
  #next = 1;

  constructor(targetMs: number, longest: number) {
    this.#targetMs = targetMs;
    this.#longest = longest;
  }

  get next(): number {
    return this.#next;
  }

  /** Learns that `steps` steps took `elapsedMs`; grows at most fourfold at a time. */
  observe(steps: number, elapsedMs: number): void {
    const fitting = Math.floor((steps * this.#targetMs) / Math.max(elapsedMs, 0.01));
    this.#next = Math.max(1, Math.min(fitting, this.#next * 4, this.#longest));
  }
}
