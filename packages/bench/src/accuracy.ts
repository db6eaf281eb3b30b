/** When training reached an accuracy. */
import { typedErrors } from "@hone/core";
import type { AccuracyPoint, TimeToAccuracy } from "./row.js";

/** What the mission asks of each data set; none of others. */
const targets: Readonly<Record<string, readonly number[]>> = {
  mnist: [0.97, 0.98, 0.99],
  "fashion-mnist": [0.85, 0.9],
};

/** The accuracies whose time is told for a data set of this name, unless others are asked for. */
export function accuracyTargets(dataset: string): readonly number[] {
  return targets[dataset] ?? [];
}

/**
 * Training seconds until the first evaluation at or above `accuracy` that still holds at the next one.
 * A crossing at the last evaluation is not known to hold, and so does not count.
 * @param points in the order they were taken
 */
export function timeToAccuracy(points: readonly AccuracyPoint[], accuracy: number): TimeToAccuracy {
  return typedErrors("timeToAccuracy", () => {
    const holds = (point: AccuracyPoint | undefined) => (point?.accuracy ?? 0) >= accuracy;
    const index = points.findIndex((point, at) => holds(point) && holds(points[at + 1]));
    return { accuracy, seconds: points[index]?.seconds ?? null };
  });
}
