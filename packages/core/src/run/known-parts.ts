/** The parts that `validation` has made of data sets, so that they are made, and uploaded, once. */
import type { Dataset } from "./dataset.js";

/** Parts of a data set as it was. */
export interface Parts {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly fraction: number;
  readonly arrays: readonly unknown[];
}

export const partsKnown = new WeakMap<Dataset, Parts>();

/** The parts that `validation` made of a data set. */
export function knownPartsOf(dataset: Dataset): readonly Dataset[] {
  const known = partsKnown.get(dataset);
  return known ? [known.train, known.validation] : [];
}
