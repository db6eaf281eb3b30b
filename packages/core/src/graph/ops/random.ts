/** Random numbers that a step draws by itself, as constants to differentiation. */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Attributes } from "../types.js";
import { numbers, numeric, type OpDefinition } from "./definition.js";

export const DISTRIBUTIONS = ["uniform", "normal"] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** Beyond the generator: a scale for `uniform`; logarithm, root, cosine and products for `normal`. */
const FLOPS: Readonly<Record<Distribution, number>> = { uniform: 1, normal: 6 };

function distributionOf({ distribution }: Attributes): Distribution {
  const known = DISTRIBUTIONS.find((name) => name === distribution);
  if (known) return known;
  throw new HoneError("Internal", "Random", `there is no distribution "${distribution}".`);
}

export const randomOps: readonly OpDefinition[] = [
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
];
