/** How many steps of a program run before anybody looks whether it is to end. */
import { checkAborted } from "../abort.js";
import { METRICS_RING } from "../graph/steps.js";

/** As many as the ring holds, with room. */
const MOST = METRICS_RING / 4;
/** Between two looks at a signal. */
const LOOK_MS = 200;

export class StepRuns {
  readonly #where: string;
  readonly #signal: AbortSignal | undefined;
  #most: number;
  #beganMs = 0;

  constructor(name: string, signal: AbortSignal | undefined) {
    this.#where = `run "${name}"`;
    this.#signal = signal;
    // What a step takes is not known yet.
    this.#most = signal ? 1 : MOST;
  }

  /** Steps to take next, at most. @throws Aborted */
  next(): number {
    checkAborted(this.#signal, this.#where);
    this.#beganMs = performance.now();
    return this.#most;
  }

  /** They have been taken. */
  took(steps: number): void {
    if (!this.#signal) return;
    const stepMs = (performance.now() - this.#beganMs) / steps;
    // At most twice as many as before: the first steps of a device tell little.
    const affordable = Math.min(2 * steps, Math.floor(LOOK_MS / stepMs));
    this.#most = Math.max(1, Math.min(MOST, affordable));
  }
}
