/**
 * Where a model's first weights come from: the seed alone, on whichever tfjs backend is current or on none, so that the
 * same seed gives the same weights everywhere.
 */
import { initializers } from "@tensorflow/tfjs-layers";
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";

/** Seeds of one model's layers are this far from the next model's. */
const SEEDS_PER_MODEL = 1000;

export class Seeds {
  readonly #seed: number;
  #drawn = 0;

  /** @throws BadArgument */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new HoneError(
        "BadArgument",
        "model seed",
        `it is ${valueText(seed)}. Give a whole number from 0.`,
      );
    }
    this.#seed = seed;
  }

  /** For the next layer that draws weights. */
  next(): number {
    this.#drawn++;
    return this.#seed * SEEDS_PER_MODEL + this.#drawn;
  }

  glorot() {
    return initializers.glorotUniform({ seed: this.next() });
  }

  /** For what relus follow (He et al. 2015). */
  he() {
    return initializers.heNormal({ seed: this.next() });
  }

  /** For tables of words, and where a width is known to suit. */
  normal(stddev: number) {
    return initializers.randomNormal({ mean: 0, stddev, seed: this.next() });
  }
}

/** @throws BadArgument unless it is a whole number from 2 */
export function checkClasses(classes: number): void {
  if (Number.isSafeInteger(classes) && classes >= 2) return;
  throw new HoneError(
    "BadArgument",
    "model classes",
    `they are ${valueText(classes)}. Give a whole number from 2.`,
  );
}
