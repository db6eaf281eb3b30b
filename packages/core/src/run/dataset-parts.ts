/** Parts of data sets, for apps. */
import { HoneError } from "../errors.js";
import type { Dataset } from "./dataset-columns.js";
import { parted, takenRows } from "./row-parts.js";

/**
 * Rows `start` up to but not including `end`, as views of the same memory.
 * @throws BadArgument unless 0 ≤ start < end ≤ rows, in whole numbers; BadData for columns of other lengths
 */
export function takeRows<Kind extends Dataset>(
  dataset: Kind,
  start: number,
  end: number,
  ...others: readonly never[]
): Kind {
  refuseOthers("takeRows", "a data set, the first row and the row behind the last", others);
  return takenRows(dataset, start, end);
}

/**
 * Splits off the last `fraction` of the rows for validation; tfjs's `validationSplit` cuts at the
 * same row.
 * @throws BadArgument unless 0 < fraction < 1 and both parts get a row; BadData as `takeRows`
 */
export function split<Kind extends Dataset>(
  dataset: Kind,
  fraction: number,
  ...others: readonly never[]
): { readonly train: Kind; readonly validation: Kind } {
  refuseOthers("split", "a data set and a fraction", others);
  return parted(dataset, fraction);
}

function refuseOthers(where: string, what: string, others: readonly unknown[]): void {
  if (others.length === 0) return;
  const [other] = others;
  const named =
    typeof other === "object" && other !== null ? Object.keys(other).join(", ") : `${other}`;
  throw new HoneError("BadArgument", where, `it knows no option ${named}. Give ${what} alone.`);
}
