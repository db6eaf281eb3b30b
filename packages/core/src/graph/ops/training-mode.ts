/** What layers do only while they train: they draw random numbers, constants to differentiation, and move statistics. */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Attributes } from "../types.js";
import type { OpDefinition } from "./definition.js";
import { noResult, numbers, numeric, perElement, sameAsInput } from "./rules.js";

export const DISTRIBUTIONS = ["uniform", "normal"] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** Beyond the generator: a scale for `uniform`; logarithm, root, cosine and products for `normal`. */
const FLOPS: Readonly<Record<Distribution, number>> = { uniform: 1, normal: 6 };

function distributionOf({ distribution }: Attributes): Distribution {
  const known = DISTRIBUTIONS.find((name) => name === distribution);
  if (known) return known;
  throw new HoneError("Internal", "Random", `there is no distribution "${distribution}".`);
}

export const trainingModeOps: readonly OpDefinition[] = [
  {
    name: "Random",
    infer: (_inputs, attributes) => {
      distributionOf(attributes);
      numeric(attributes, "ordinal");
      return { shape: numbers(attributes, "shape") };
    },
    flops: (_inputs, output, attributes) =>
      FLOPS[distributionOf(attributes)] * sizeOf(output.shape),
  },
  { name: "Dropout", infer: sameAsInput, flops: perElement(2) },
  { name: "AssignMovingAverage", infer: noResult, inPlace: true, flops: perElement(3) },
];
