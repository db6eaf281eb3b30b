/** What comes of trying a device. */

export type Verdict =
  | {
      readonly ok: true;
      /** What it was tried on. */
      readonly problems: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/** What a device is tried on. */
export interface VerifyOptions {
  /**
   * Ops that matter: only problems that use them are tried, each at least once. All problems that the
   * device has the ops for, unless given.
   */
  readonly ops?: readonly string[];
  /** Milliseconds to wait for any one answer, 5000 unless given; for `load` four times that. */
  readonly timeoutMs?: number;
}
