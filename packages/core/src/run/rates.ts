/** Learning rates as `fit` takes them. */
import { isFunction, isRate } from "./options.js";
import type { RateFunction } from "./schedule.js";

/** A learning rate for each step, as it was given; only schedules load what knows them. @throws BadArgument for what gives none */
export async function rateFunction(given: unknown): Promise<RateFunction> {
  if (isFunction(given)) return given as RateFunction;
  if (isRate(given)) return () => given as number;
  return (await import("./fit-extras.js")).checkedSchedule(given);
}
