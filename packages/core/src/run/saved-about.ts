/** What is said of a model that is saved, and whether it can be said. */
import { HoneError } from "../errors.js";
import type { PortInfo } from "../graph/template.js";
import { isObject, isText } from "./options.js";
import type { SavedAbout } from "./saved-model.js";

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

export const SAVED_OPTIONS = {
  name: { is: isText, wanted: "a text" },
  classNames: {
    is: (value: unknown) =>
      isTexts(value) || (isObject(value) && Object.values(value as object).every(isTexts)),
    wanted: "a list of names, or such lists by output",
  },
} as const;

/** @throws BadArgument for one list for several outputs, and for names of no output */
export function classNamesBy(
  outputs: readonly PortInfo[],
  given: SavedAbout["classNames"],
): Readonly<Record<string, readonly string[]>> {
  if (given === undefined) return {};
  const [only, ...more] = outputs;
  const refuse = (what: string): never => {
    const all = outputs.map(({ name }) => name).join(", ");
    throw new HoneError("BadArgument", "classNames", `${what}. The outputs are ${all}.`);
  };
  if (Array.isArray(given) && more.length > 0) refuse("it is one list for several outputs");
  const named = (Array.isArray(given) && only ? { [only.name]: given } : given) as Record<
    string,
    readonly string[]
  >;
  for (const name of Object.keys(named)) {
    if (!outputs.some((output) => output.name === name)) refuse(`it names "${name}"`);
  }
  return named;
}
