/** A training run's epochs, and any list of results, as tables. */
import { typedErrors } from "@hone/core";
import { type Alignment, alignColumns } from "./align.js";
import { figureLabel, figureText } from "./figures.js";
import { numberText, percentText } from "./numbers.js";

/** The columns of a training run, one element an epoch, named as in tfjs: `val_acc`, `age_loss`. */
export interface HistoryColumns {
  readonly seconds?: readonly number[] | undefined;
  readonly [figure: string]: readonly number[] | undefined;
}

/** What `session.fit` returns: the same columns, held as tfjs's History holds them. */
export interface HistoryRecord {
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly seconds?: readonly number[] | undefined;
}

/**
 * One line an epoch, counted from 1; columns that the run did not record are left out. What has no room in a
 * terminal of 80 characters goes on in a further table below.
 */
export function historyTable(run: HistoryColumns | HistoryRecord): string {
  return typedErrors("historyTable", () => {
    const isRecord = (given: typeof run): given is HistoryRecord =>
      "history" in given && !Array.isArray(given.history);
    const { seconds, ...figures } = isRecord(run) ? { ...run.history, seconds: run.seconds } : run;
    const columns = [
      ...Object.entries(figures).map(([name, values = []]) => ({
        head: figureLabel(name),
        cells: values.map((value) => figureText(name, value)),
      })),
      { head: "seconds", cells: (seconds ?? []).map((value) => value.toFixed(1)) },
    ].filter(({ cells }) => cells.length > 0);
    const epochs = Math.max(0, ...columns.map(({ cells }) => cells.length));
    const numbers = {
      head: "epoch",
      cells: Array.from({ length: epochs }, (_, at) => `${at + 1}`),
    };
    const table = [numbers, ...columns];
    return alignColumns(
      [
        table.map(({ head }) => head),
        ...numbers.cells.map((_, epoch) => table.map(({ cells }) => cells[epoch] ?? "")),
      ],
      table.map((): Alignment => "right"),
    );
  });
}

/** One result: what stands in each column. Names with "accuracy" in them are shown in percent. */
export type ResultRow = Readonly<Record<string, string | number | undefined>>;

/**
 * A table of results: the columns of all rows in order of first appearance, text to the left and
 * figures to the right; a row without a column has a blank there.
 */
export function resultTable(rows: readonly ResultRow[]): string {
  return typedErrors("resultTable", () => {
    const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const alignments = heads.map(
      (head): Alignment => (rows.some((row) => typeof row[head] === "number") ? "right" : "left"),
    );
    return alignColumns(
      [heads, ...rows.map((row) => heads.map((head) => cell(head, row)))],
      alignments,
    );
  });
}

function cell(head: string, row: ResultRow): string {
  const value = row[head];
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return /accuracy/i.test(head) ? percentText(value) : numberText(value);
}
