/** Options that take several values, with commas between. */
import { type Arguments, readChoice, readNumber } from "../arguments.js";

/** The words of `--name a,b`, or undefined when it was not given. */
export function readWords({ options }: Arguments, name: string): readonly string[] | undefined {
  const words = options.get(name)?.split(",");
  return words && [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))];
}

/** @throws BadArgument, as `readChoice` does for the first word that is none of `choices` */
export function readChoices<Choice extends string>(
  given: Arguments,
  name: string,
  choices: readonly Choice[],
): readonly Choice[] | undefined {
  return readWords(given, name)?.map((word) => readChoice(alone(name, word), name, choices)!);
}

/** @throws BadArgument, as `readNumber` does for the first number out of range */
export function readNumbers(
  given: Arguments,
  name: string,
  range: Parameters<typeof readNumber>[2],
): readonly number[] | undefined {
  return readWords(given, name)?.map((word) => readNumber(alone(name, word), name, range)!);
}

const alone = (name: string, word: string): Arguments => ({
  options: new Map([[name, word]]),
  operands: [],
});
