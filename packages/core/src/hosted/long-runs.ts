/**
 * Runs steps in pieces of a quarter of a second, and says after each that the device gets on.
 *
 * A worker that computes inside of `run` answers nothing until hundreds of steps are done, which for a large
 * model takes minutes. What takes less is one piece, and costs nothing.
 */
import type { Executable } from "../backend.js";

const PIECE_MS = 250;

export class LongRuns {
  readonly #tell: () => void;
  /** Of the last piece, by entry. A name may stand for two entries of two executables: then pieces are cut amiss. */
  readonly #stepMs = new Map<string, number>();

  /** @param tell called after each piece but the last */
  constructor(tell: () => void) {
    this.#tell = tell;
  }

  run(
    executable: Executable,
    entry: string,
    { first, steps }: { readonly first: number; readonly steps: number },
  ): void {
    for (let done = 0; done < steps; ) {
      const taken = Math.min(steps - done, this.#fitting(entry));
      const beganMs = performance.now();
      executable.run(entry, { first: first + done, steps: taken });
      this.#stepMs.set(entry, (performance.now() - beganMs) / taken);
      done += taken;
      if (done < steps) this.#tell();
    }
  }

  forget(entry: string): void {
    this.#stepMs.delete(entry);
  }

  /** One step of an entry that has never run. */
  #fitting(entry: string): number {
    const stepMs = this.#stepMs.get(entry);
    return stepMs === undefined ? 1 : Math.max(1, Math.floor(PIECE_MS / stepMs));
  }
}
