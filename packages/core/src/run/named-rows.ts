/** Rows as a caller holds them, for one port or several. */
import { HoneError } from "../errors.js";
import type { Shape } from "../graph/types.js";
import type { ReadRows, RowsLike } from "./rows.js";

/** Rows by the name of their input or output, or in the model's order. */
export type NamedRows = Readonly<Record<string, RowsLike>> | readonly RowsLike[];

/** A plain object that is neither values with a shape nor a picture. */
export const isRecord = (given: unknown): given is Readonly<Record<string, RowsLike>> =>
  Object.prototype.toString.call(given) === "[object Object]" &&
  typeof (given as { readonly width?: unknown }).width !== "number" &&
  !("shape" in (given as object) && "data" in (given as object));

/**
 * What is given for each port.
 * @throws BadArgument for names that are no port's, and for ports that nothing is given for
 */
export function byPort(
  given: RowsLike | NamedRows,
  names: readonly string[],
  where: string,
  kind: "input" | "output",
): ReadonlyMap<string, RowsLike> {
  const what = kind === "input" ? "x" : "y";
  const isOneOfSeveral = names.length > 1 && Array.isArray(given);
  if (
    isOneOfSeveral &&
    given.length === names.length &&
    given.every((one) => typeof one === "object")
  ) {
    return new Map(names.map((name, index) => [name, given[index] as RowsLike]));
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
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0) return new Map([[only, given as RowsLike]]);
  const text = `the model has ${names.length} ${kind}s (${names.join(", ")}). Give ${what} as a record by those names.`;
  throw new HoneError("BadArgument", where, text);
}

export function shapesOf(inputs: ReadonlyMap<string, ReadRows>): Record<string, Shape> {
  return Object.fromEntries([...inputs].map(([name, { shape }]) => [name, shape]));
}
