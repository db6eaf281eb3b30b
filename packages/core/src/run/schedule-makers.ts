/**
 * Learning rates over a training, made: what apps import. What training itself knows of them stands in schedule.ts;
 * bundlers put what a late part needs into the page's first load when the page imports the same file.
 */
import {
  type CosineDecay,
  type Cyclic,
  type ExponentialDecay,
  made,
  type OneCycle,
  type OneCycleOptions,
  type Piecewise,
  rateAt,
  type Schedule,
  type StepDecay,
  type WarmUp,
} from "./schedule.js";

export type {
  CosineDecay,
  Cyclic,
  ExponentialDecay,
  Length,
  OneCycle,
  OneCycleOptions,
  Piecewise,
  RateFunction,
  Schedule,
  StepDecay,
  WarmUp,
} from "./schedule.js";

/** The same rate for every step. @throws BadArgument */
export function constantRate(rate: number): Schedule {
  return made("constant", { rate });
}

/** Multiplies the rate by `factor` whenever so many epochs or steps are over. @throws BadArgument */
export function stepDecay(options: Omit<StepDecay, "kind">): StepDecay {
  return made("step", options);
}

/** Multiplies the rate by `factor` over so many epochs or steps, a little in each step. @throws BadArgument */
export function exponentialDecay(options: Omit<ExponentialDecay, "kind">): ExponentialDecay {
  return made("exponential", options);
}

/**
 * Falls along half a cosine to `end` (0 unless given), and stays there or, with `restarts`, starts anew.
 * Source: Loshchilov and Hutter, "SGDR", 2017. @throws BadArgument
 */
export function cosineDecay(
  options: Omit<CosineDecay, "kind" | "end"> & Partial<Pick<CosineDecay, "end">>,
): CosineDecay {
  return made("cosine", options);
}

/**
 * Rises straight, from `start` (a share, 0 unless given), to the first rate of `schedule`, which follows.
 * @throws BadArgument
 */
export function warmUp(
  options: Omit<WarmUp, "kind" | "start" | "schedule"> & {
    readonly start?: number;
    readonly schedule: Schedule | number;
  },
): WarmUp {
  return made("warmUp", options);
}

/**
 * The one-cycle schedule: the rate rises straight to the peak and falls to almost nothing, over all steps of
 * `epochs` epochs; steps beyond them stay at the end.
 * Source: Smith, "A disciplined approach to neural network hyper-parameters: Part 1" (2018), with one fall to the
 * very end instead of two; the cosine is Loshchilov and Hutter's (SGDR, 2017).
 * @throws BadArgument for a peak not above 0, or shares outside of 0 to 1
 */
export function oneCycle(options: OneCycleOptions): OneCycle {
  return made("oneCycle", options);
}

/** One rate up to each boundary, and one for the rest; boundaries are epochs unless said. @throws BadArgument */
export function piecewise(
  options: Omit<Piecewise, "kind" | "unit"> & Partial<Pick<Piecewise, "unit">>,
): Piecewise {
  return made("piecewise", options);
}

/**
 * Rises straight from low to high and falls back, over and over.
 * Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2017. @throws BadArgument
 */
export function cyclic(
  options: Omit<Cyclic, "kind" | "factor"> & Partial<Pick<Cyclic, "factor">>,
): Cyclic {
  return made("cyclic", options);
}

/** The rate of a step that counts from 0. */
export function rateOf(schedule: Schedule, step: number, stepsPerEpoch: number): number {
  return rateAt(schedule, step, stepsPerEpoch);
}
