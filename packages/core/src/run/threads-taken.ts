/** On how many threads a device's steps have run, which may change from one to the next. */
import type { Executable } from "../backend.js";

type Counts = Awaited<ReturnType<NonNullable<Executable["threads"]>>>;

export class ThreadsTaken {
  /** What was counted when it was last asked, by entry. */
  readonly #known = new Map<string, readonly number[]>();

  /** The mean over steps of these entries since that was last asked; undefined where none was counted. */
  meanOf(counts: Counts, names: readonly string[]): number | undefined {
    let [steps, threads] = [0, 0];
    for (const name of names) {
      const now = counts[name] ?? [];
      const before = this.#known.get(name) ?? [];
      // An entry that was forgotten and made anew counts from the beginning.
      const isSame = now.every((count, index) => count >= (before[index] ?? 0));
      this.#known.set(name, now);
      for (const [index, count] of now.entries()) {
        const taken = count - (isSame ? (before[index] ?? 0) : 0);
        steps += taken;
        threads += taken * (index + 1);
      }
    }
    return steps === 0 ? undefined : threads / steps;
  }
}
