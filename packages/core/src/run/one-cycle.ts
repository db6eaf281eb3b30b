/** A learning rate that rises and falls once over the whole of a training. */
import { HoneError } from "../errors.js";
import { wholeNumber } from "./whole-number.js";

export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** Epochs of the whole cycle; as many as `fit` is given. */
  readonly epochs: number;
  /** Share of the steps after which the peak is reached; 0.25 unless given. */
  readonly warmUp?: number;
  /** Learning rate of the first step, as a share of the peak; 0.04 unless given. */
  readonly start?: number;
  /** Learning rate of the last step, as a share of the peak; 0.0001 unless given. */
  readonly end?: number;
  /** The way down: along half a cosine, or straight; `cosine` unless given. */
  readonly fall?: "cosine" | "linear";
}

/**
 * The one-cycle schedule, for `fit`'s `learningRate`: it rises straight to the peak and falls to almost
 * nothing, over all steps of `epochs` epochs; steps beyond them stay at the end.
 * Source: Smith, "A disciplined approach to neural network hyper-parameters: Part 1" (2018), with one
 * fall to the very end instead of two; the cosine is Loshchilov and Hutter's (SGDR, 2017).
 * @throws BadArgument for a peak not above 0, or shares outside of 0 to 1
 */
export function oneCycle(
  options: OneCycleOptions,
): (step: number, stepsPerEpoch: number) => number {
  const { peak, warmUp = 0.25, start = 0.04, end = 1e-4, fall = "cosine" } = options;
  const epochs = wholeNumber("epochs", options.epochs);
  if (!(peak > 0 && Number.isFinite(peak))) {
    throw new HoneError("BadArgument", "oneCycle", `the peak is ${peak}. Give a number above 0.`);
  }
  for (const [name, share] of Object.entries({ warmUp, start, end })) {
    if (share >= 0 && share <= 1) continue;
    throw new HoneError(
      "BadArgument",
      "oneCycle",
      `${name} is ${share}. Give a number from 0 to 1.`,
    );
  }
  return (step, stepsPerEpoch) => {
    const last = epochs * stepsPerEpoch - 1;
    const top = Math.round(warmUp * last);
    if (step < top) return peak * (start + ((1 - start) * step) / top);
    const fallen = last > top ? Math.min(1, (step - top) / (last - top)) : 0;
    const left = fall === "cosine" ? (1 + Math.cos(Math.PI * fallen)) / 2 : 1 - fallen;
    return peak * (end + (1 - end) * left);
  };
}
