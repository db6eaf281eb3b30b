/** Options that nobody knows are refused by name: a typing error must not train ten epochs in silence. */
import { HoneError } from "./errors.js";
import { valueText } from "./value-text.js";

/** What an option may be. */
export type OptionRule = (value: unknown) => boolean;

export const isBoolean: OptionRule = (value) => typeof value === "boolean";
export const isFunction: OptionRule = (value) => typeof value === "function";
export const isFiniteNumber: OptionRule = (value) =>
  typeof value === "number" && Number.isFinite(value);
export const isCount: OptionRule = (value) => Number.isSafeInteger(value) && (value as number) > 0;
export const isObject: OptionRule = (value) => typeof value === "object" && value !== null;
/** A learning rate. */
export const isRate: OptionRule = (value) => isFiniteNumber(value) && (value as number) >= 0;
export const isText: OptionRule = (value) => typeof value === "string";
export const isAnything: OptionRule = () => true;

/** A rule with the words that say what is wanted. */
export interface Option {
  readonly is: OptionRule;
  readonly wanted: string;
}

export const SIGNAL_OPTION: Option = {
  is: (value) => {
    const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
    return typeof aborted === "boolean" && isFunction(addEventListener);
  },
  wanted: "an AbortSignal",
};

/** tfjs's names, and other people's, for what Hone calls otherwise or does by itself. */
export type OtherNames = Readonly<Record<string, string>>;

/**
 * @param where the function, for errors
 * @param known each option and what it may be; `undefined` always may be given
 * @param others what to say of names that are none of Hone's
 * @throws BadArgument naming the first that is not known or not what it may be
 */
export function checkOptions(
  where: string,
  given: unknown,
  known: Readonly<Record<string, Option>>,
  others: OtherNames = {},
): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new HoneError(
      "BadArgument",
      where,
      `the options are ${valueText(given)}. Give an object.`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) {
      const hint = Object.hasOwn(others, name)
        ? (others[name] as string)
        : `Did you mean ${closest(name, Object.keys(known))}`;
      throw new HoneError("BadArgument", where, `there is no option "${name}". ${hint}.`);
    }
    if (value === undefined || option.is(value)) continue;
    throw new HoneError(
      "BadArgument",
      where,
      `${name} is ${valueText(value)}. Give ${option.wanted}.`,
    );
  }
}

/** The known name nearest to the one given; all of them where none is near. */
function closest(name: string, known: readonly string[]): string {
  const ranked = known
    .map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best && best.distance <= Math.max(2, name.length / 3))
    return `"${best.other}"? Otherwise leave it out`;
  return `one of ${known.join(", ")}`;
}

/** Levenshtein's: insertions, deletions and exchanges of single letters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchanged = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, exchanged));
    }
    row = next;
  }
  return row[b.length] as number;
}
