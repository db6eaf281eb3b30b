/**
 * Parts of data sets, as views of the same memory: what late parts import. Bundlers put what a late part needs into the
 * page's first load when the page imports the same file.
 */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import { checkForm } from "./dataset-checks.js";
import { type Dataset, rowLength } from "./dataset-columns.js";

/** Rows as `takeRows` says, which apps import. @throws as that says */
export function takenRows<Kind extends Dataset>(dataset: Kind, start: number, end: number): Kind {
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

/** Two parts as `split` says. @throws as that says */
export function parted<Kind extends Dataset>(
  dataset: Kind,
  fraction: number,
): { readonly train: Kind; readonly validation: Kind } {
  checkForm(dataset);
  const isFraction = typeof fraction === "number" && fraction > 0 && fraction < 1;
  const cut = isFraction ? Math.floor(dataset.rows * (1 - fraction)) : 0;
  if (!isFraction || cut < 1 || cut >= dataset.rows) {
    const given = typeof fraction === "object" ? JSON.stringify(fraction) : valueText(fraction);
    throw new HoneError(
      "BadArgument",
      "split",
      `a fraction of ${given} of ${dataset.rows} rows leaves one part empty. ` +
        "Give a number between 0 and 1 that leaves at least one row on each side.",
    );
  }
  return {
    train: takenRows(dataset, 0, cut),
    validation: takenRows(dataset, cut, dataset.rows),
  };
}
