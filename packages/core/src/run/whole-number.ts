import { HoneError } from "../errors.js";

/** `value`, when it is a whole number above 0. @throws BadArgument, naming the option */
export function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new HoneError("BadArgument", name, `it is ${value}. Give a whole number above 0.`);
}
