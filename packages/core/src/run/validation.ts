/** What a training is validated on: a data set, or the last part of its own. */
import { type Dataset, split, validateDataset } from "./dataset.js";
import type { TrainOptions } from "./fit-options.js";

export function splitValidation(
  dataset: Dataset,
  validation: TrainOptions["validation"],
): { training: Dataset; validation?: Dataset } {
  if (validation === undefined || validation === 0) return { training: dataset };
  if (typeof validation !== "number") return { training: dataset, validation };
  validateDataset(dataset);
  const { train: training, validation: rest } = partsOf(dataset, validation);
  return { training, validation: rest };
}

interface Parts extends ReturnType<typeof split> {
  readonly fraction: number;
  readonly arrays: readonly unknown[];
}

/** The same parts for the same arrays and fraction, so that they are uploaded once. */
const partsKnown = new WeakMap<Dataset, Parts>();

function partsOf(dataset: Dataset, fraction: number): Parts {
  const arrays = Object.values(dataset.columns).map(({ data }) => data);
  const known = partsKnown.get(dataset);
  const same = known?.arrays.every((array, index) => array === arrays[index]);
  if (known && same && known.fraction === fraction) return known;
  const parts = { ...split(dataset, fraction), fraction, arrays };
  partsKnown.set(dataset, parts);
  return parts;
}

/** The parts that `validation` made of a data set. */
export function knownPartsOf(dataset: Dataset): readonly Dataset[] {
  const known = partsKnown.get(dataset);
  return known ? [known.train, known.validation] : [];
}
