/** `--schedule`: how the learning rate moves over a whole training, by name. */
import {
  cosineDecay,
  exponentialDecay,
  oneCycle,
  type Schedule,
  stepDecay,
  warmUp,
} from "@hone/core";
import type { OptionSpec } from "./arguments.js";

/** A rate's way from the first to the last of `epochs` epochs; nothing where it stays. */
type Way = (rate: number, epochs: number) => Schedule | undefined;

const ways = {
  constant: () => undefined,
  "one-cycle": (peak, epochs) => oneCycle({ peak, epochs }),
  cosine: (start, epochs) => cosineDecay({ start, epochs }),
  "warm-up": (start, epochs) =>
    warmUp({
      epochs: epochs / 10,
      schedule: cosineDecay({ start, epochs: (epochs * 9) / 10 }),
    }),
  step: (start, epochs) => stepDecay({ start, factor: 0.1, epochs: epochs / 3 }),
  exponential: (start, epochs) => exponentialDecay({ start, factor: 0.01, epochs }),
} as const satisfies Readonly<Record<string, Way>>;

export type ScheduleChoice = keyof typeof ways;

export const scheduleChoices = Object.keys(ways) as readonly ScheduleChoice[];

export const scheduleOption: OptionSpec = {
  name: "schedule",
  value: "NAME",
  help:
    "how the learning rate moves over all epochs: constant; one-cycle, with the rate as its peak; cosine, down to 0; " +
    "warm-up, rising for a tenth and then cosine; step, to a tenth after each third; exponential, evenly to a " +
    "hundredth (default constant; a zoo model may bring its own)",
};

/** @param rate the optimizer's own: the highest of the schedule */
export function scheduleOf(
  choice: ScheduleChoice,
  rate: number,
  epochs: number,
): Schedule | undefined {
  return ways[choice](rate, epochs);
}
