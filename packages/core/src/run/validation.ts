/** What a training is validated on: a data set, or the last part of its own. */
import { type Dataset, validateDataset } from "./dataset.js";
import type { TrainOptions } from "./fit-options.js";
import { type Parts, partsKnown } from "./known-parts.js";
import { parted } from "./row-parts.js";

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

/** The same parts for the same arrays and fraction. */
function partsOf(dataset: Dataset, fraction: number): Parts {
  const arrays = Object.values(dataset.columns).map(({ data }) => data);
  const known = partsKnown.get(dataset);
  const same = known?.arrays.every((array, index) => array === arrays[index]);
  if (known && same && known.fraction === fraction) return known;
  const parts = { ...parted(dataset, fraction), fraction, arrays };
  partsKnown.set(dataset, parts);
  return parts;
}
