/** Arrays of arrays of numbers become one array and a shape. */
import { HoneError } from "../errors.js";
import type { Shape } from "../graph/types.js";
import { isList } from "./row-forms.js";

/**
 * @param where who asks, for errors
 * @returns values row-major, and the extents of each level
 * @throws BadArgument for what is not a number, and for rows of different lengths
 */
export function flattened(
  given: readonly unknown[],
  where: string,
): { readonly data: Float64Array; readonly shape: Shape } {
  const shape: number[] = [];
  for (let level: unknown = given; isList(level); level = level[0]) shape.push(level.length);
  const data = new Float64Array(shape.reduce((product, extent) => product * extent, 1));
  let filled = 0;
  const visit = (value: unknown, depth: number, row: number): void => {
    if (isList(value)) {
      if (depth >= shape.length || value.length !== shape[depth]) {
        fail(
          where,
          `row ${row} has ${value.length} values where ${shape[depth] ?? "a number"} is expected. Make all rows alike`,
        );
      }
      for (let at = 0; at < value.length; at++) visit(value[at], depth + 1, depth === 0 ? at : row);
      return;
    }
    if (depth !== shape.length || (typeof value !== "number" && typeof value !== "boolean")) {
      fail(
        where,
        `row ${row} holds ${value === null ? "null" : typeof value} where a number is expected. Give numbers`,
      );
    }
    data[filled++] = Number(value);
  };
  visit(given, 0, 0);
  return { data, shape };
}

function fail(where: string, what: string): never {
  throw new HoneError("BadArgument", where, `${what}.`);
}
