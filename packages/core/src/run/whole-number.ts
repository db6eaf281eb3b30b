import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";

/** `value`, when it is a whole number above 0. @throws BadArgument, naming the option */
export function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new HoneError(
    "BadArgument",
    name,
    `it is ${valueText(value)}. Give a whole number above 0.`,
  );
}

/** `seed`, when it is an unsigned 32-bit integer. @throws BadArgument */
export function checkedSeed(seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) return seed;
  const what = `it is ${valueText(seed)}. Give a whole number from 0 to 2^32 - 1.`;
  throw new HoneError("BadArgument", "seed", what);
}
