/**
 * Who still uses what was made once for several entries: pipelines, generated modules.
 *
 * What nobody uses any more stays a while, since the next entry is often one that was there before.
 */
export class UseCounts {
  readonly #users = new Map<string, number>();
  /** In the order in which they fell idle. */
  readonly #idle = new Set<string>();
  readonly #mostIdle: number;
  readonly #drop: (key: string) => void;

  /** @param drop told of what has been idle longest, once there are more than `mostIdle` */
  constructor(mostIdle: number, drop: (key: string) => void) {
    this.#mostIdle = mostIdle;
    this.#drop = drop;
  }

  /** One more uses it. */
  take(key: string): void {
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    this.#idle.delete(key);
  }

  /** Undoes one `take`. */
  release(key: string): void {
    const users = (this.#users.get(key) ?? 0) - 1;
    if (users > 0) {
      this.#users.set(key, users);
      return;
    }
    this.#users.delete(key);
    this.#idle.add(key);
    const [oldest] = this.#idle;
    if (this.#idle.size <= this.#mostIdle || oldest === undefined) return;
    this.#idle.delete(oldest);
    this.#drop(oldest);
  }
}
