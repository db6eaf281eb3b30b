/** How `fit` is to change its images. */
import { HoneError } from "../errors.js";
import { type Augment, checkAugment, imageShape } from "../graph/augment.js";
import type { TracedModel } from "../graph/template.js";
import { type Dataset, soleInput } from "./dataset.js";
import type { TrainOptions } from "./fit-options.js";

/** @throws BadArgument for a model of several inputs, or rows that are no images */
export function checkedAugment(
  { inputs }: TracedModel,
  dataset: Dataset,
  given: NonNullable<TrainOptions["augment"]>,
): Augment {
  const augment = { shift: given.shift ?? 0, flip: given.flip ?? false };
  const [input, ...more] = inputs;
  if (!input || more.length > 0) {
    const what = `the model has ${inputs.length} inputs, and only one can be changed. Train without \`augment\`.`;
    throw new HoneError("BadArgument", "augment", what);
  }
  checkAugment(augment, imageShape(soleInput(dataset, "augment").shape, input.shape));
  return augment;
}
