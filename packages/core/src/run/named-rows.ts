/** Rows as a caller holds them, for one port or several. */
import type { Shape } from "../graph/types.js";
import { isRecord } from "./row-forms.js";
import type { ReadRows, RowsLike } from "./rows.js";

/** Rows by the name of their input or output, or in the model's order. */
export type NamedRows = Readonly<Record<string, RowsLike>> | readonly RowsLike[];

/**
 * What is given for each port.
 * @throws BadArgument for names that are no port's, and for ports that nothing is given for
 */
export async function byPort(
  given: RowsLike | NamedRows,
  names: readonly string[],
  where: string,
  kind: "input" | "output",
): Promise<ReadonlyMap<string, RowsLike>> {
  const [only, ...more] = names;
  const isSole = only !== undefined && more.length === 0 && !isRecord(given);
  if (isSole) return new Map([[only, given as RowsLike]]);
  return (await import("./other-rows.js")).named(given, names, where, kind);
}

export function shapesOf(inputs: ReadonlyMap<string, ReadRows>): Record<string, Shape> {
  return Object.fromEntries([...inputs].map(([name, { shape }]) => [name, shape]));
}
