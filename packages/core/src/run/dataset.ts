/** Data sets: what they are, whether they are right, and parts of them. */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import { checkForm } from "./dataset-checks.js";
import { type Dataset, rowLength } from "./dataset-columns.js";

export { validateDataset, validateLabels } from "./dataset-checks.js";
export {
  type Column,
  classNamesOf,
  columnOf,
  type Dataset,
  holdsWholeNumbers,
  inputNames,
  isLabelColumn,
  labelNames,
  type PlainDataset,
  rowLength,
  soleInput,
  soleLabels,
  weightNames,
} from "./dataset-columns.js";

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
  checkForm(dataset);
  const whole = Number.isInteger(start) && Number.isInteger(end);
  if (!whole || start < 0 || end <= start || end > dataset.rows) {
    throw new HoneError(
      "BadArgument",
      "takeRows",
      `rows ${valueText(start)} to ${valueText(end)} were asked of data set "${dataset.name}", which has ${dataset.rows} rows. ` +
        "Ask for at least one row inside that range.",
    );
  }
  const taken = Object.entries(dataset.columns).map(([name, column]) => {
    const length = rowLength(column);
    return [name, { ...column, data: column.data.subarray(start * length, end * length) }] as const;
  });
  return { ...dataset, rows: end - start, columns: Object.fromEntries(taken) };
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
  checkForm(dataset);
  const isFraction = typeof fraction === "number" && fraction > 0 && fraction < 1;
  const cut = isFraction ? Math.floor(dataset.rows * (1 - fraction)) : 0;
  if (!isFraction || cut < 1 || cut >= dataset.rows) {
    throw new HoneError(
      "BadArgument",
      "split",
      `a fraction of ${valueText(fraction)} of ${dataset.rows} rows leaves one part empty. ` +
        "Give a number between 0 and 1 that leaves at least one row on each side.",
    );
  }
  return {
    train: takeRows(dataset, 0, cut),
    validation: takeRows(dataset, cut, dataset.rows),
  };
}

function refuseOthers(where: string, what: string, others: readonly unknown[]): void {
  if (others.length === 0) return;
  const [other] = others;
  const named =
    typeof other === "object" && other !== null ? Object.keys(other).join(", ") : `${other}`;
  throw new HoneError("BadArgument", where, `it knows no option ${named}. Give ${what} alone.`);
}
