/**
 * Keeps the first failure of what returns at once, until a method that can reject throws it.
 *
 * While a failure waits nothing more is done, so memory stays as it was when things went wrong.
 */
export class FailureLatch {
  #failure: { readonly error: unknown } | undefined;

  /** True from a failure on until `release` has thrown it. */
  get holds(): boolean {
    return this.#failure !== undefined;
  }

  /** Does `action`, and keeps what it throws; does nothing while a failure waits. */
  attempt(action: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      action();
    } catch (error) {
      this.keep(error);
    }
  }

  /** Keeps `error` unless one waits already. */
  keep(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Throws the failure that waits, once. */
  release(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}
