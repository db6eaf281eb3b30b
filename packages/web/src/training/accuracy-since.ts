/** The accuracy of the steps between two replies, each of which tells that of its epoch so far. */
import type { Progress } from "@hone/core/runtime";

type Told = Pick<Progress, "epoch" | "step" | "accuracy">;

/** A share; of the epoch so far where there is no reply before in the same epoch. */
export function accuracySince(before: Told | undefined, { epoch, step, accuracy }: Told): number {
  if (before === undefined || before.epoch !== epoch || before.step >= step) return accuracy;
  const right = accuracy * step - before.accuracy * before.step;
  // The last batch of an epoch may have fewer rows than a step counts for.
  return Math.min(1, Math.max(0, right / (step - before.step)));
}
