/**
 * Whether an entry runs faster on all threads or on one, found out while it runs.
 *
 * On a machine busy with other work a thread that is held up holds up all that wait for it, and one
 * alone is faster. Results have the same bits on any number of threads, so a run may change its mind:
 * about once a second a few steps are run the other way and timed.
 */

const PROBE_INTERVAL_MS = 1000;
const PROBE_STEPS = 2;
/** A run must be this many times as long as a probe, for the two times to be worth comparing. */
const LEAST_STEPS = 4 * PROBE_STEPS;
/** The other way must be this much faster. */
const WORTH_CHANGING = 0.9;

/** Runs some steps on that many threads. */
export type RunOnThreads = (threads: number, first: number, steps: number) => void;

export class Pace {
  readonly #all: number;
  readonly #run: RunOnThreads;
  readonly #now: () => number;
  #threads: number;
  /** Of the last probe, or of the end of the first run, which is slow for other reasons. */
  #probedMs: number | undefined;

  constructor(threads: number, run: RunOnThreads, now: () => number = () => performance.now()) {
    this.#all = threads;
    this.#threads = threads;
    this.#run = run;
    this.#now = now;
  }

  /** Threads that the next steps will run on, but for a probe. */
  get threads(): number {
    return this.#threads;
  }

  run(first: number, steps: number): void {
    const startMs = this.#now();
    const isDue = this.#probedMs !== undefined && startMs - this.#probedMs >= PROBE_INTERVAL_MS;
    if (this.#all === 1 || steps < LEAST_STEPS || !isDue) {
      this.#run(this.#threads, first, steps);
      this.#probedMs ??= this.#now();
      return;
    }
    const rest = steps - PROBE_STEPS;
    this.#run(this.#threads, first, rest);
    const restMs = this.#now();
    const other = this.#threads === 1 ? this.#all : 1;
    this.#run(other, first + rest, PROBE_STEPS);
    this.#probedMs = this.#now();
    const perStep = (restMs - startMs) / rest;
    const otherPerStep = (this.#probedMs - restMs) / PROBE_STEPS;
    if (otherPerStep < WORTH_CHANGING * perStep) this.#threads = other;
  }
}
