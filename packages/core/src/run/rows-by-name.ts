/** Rows for several ports: by their names, or in the model's order. */
import { HoneError } from "../errors.js";
import { isRecord } from "./row-forms.js";

/**
 * What is given for each of several ports, or for one by its name.
 * @throws BadArgument for names that are no port's, and for ports that nothing is given for
 */
export function named<One>(
  given: One | Readonly<Record<string, One>> | readonly One[],
  names: readonly string[],
  where: string,
  kind: "input" | "output",
): ReadonlyMap<string, One> {
  const what = kind === "input" ? "x" : "y";
  const isOneOfSeveral = names.length > 1 && Array.isArray(given);
  if (
    isOneOfSeveral &&
    given.length === names.length &&
    given.every((one) => typeof one === "object")
  ) {
    return new Map(names.map((name, index) => [name, given[index] as One]));
  }
  if (isRecord(given)) {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    const missing = names.find((name) => !Object.hasOwn(given, name));
    if (unknown === undefined && (missing === undefined || kind === "output")) {
      return new Map(Object.entries(given));
    }
    const found = unknown === undefined ? `lacks "${missing}"` : `names "${unknown}"`;
    const text = `${what} ${found}; the model's ${kind}s are ${names.join(", ")}. Give each of those.`;
    throw new HoneError("BadArgument", where, text);
  }
  const text = `the model has ${names.length} ${kind}s (${names.join(", ")}). Give ${what} as a record by those names.`;
  throw new HoneError("BadArgument", where, text);
}
