/** Whether a move to another device pays for what is left to do. */

/** One of two devices: milliseconds of a step, and of making its program ready. */
export interface Pace {
  readonly stepMs: number;
  readonly compileMs: number;
}

/**
 * Of the time that is left. Medians of a few short samples are off by some percent, the arithmetic may change with the device,
 * and a device that was measured at rest has yet to show what it does beside a page.
 */
const LEAST_SHARE = 0.1;
/**
 * What a move costs, in times of loading the timed program: the session plans and loads an entry or two of its own, uploads its
 * data anew, and hands over weights and slots.
 */
const MOVE_LOADS = 2;

/** Milliseconds that are saved, if that is enough to move for. */
export function gainOf(here: Pace, there: Pace, steps: number): number | undefined {
  const leftMs = steps * here.stepMs;
  const savedMs = leftMs - steps * there.stepMs - MOVE_LOADS * there.compileMs;
  return savedMs > LEAST_SHARE * leftMs ? savedMs : undefined;
}
