/** A training run's epochs, and any list of results, as tables. */
import { type Alignment, alignColumns } from "./align.js";
import { numberText, percentText } from "./numbers.js";

/** The columns of a training run, one element an epoch, named as in tfjs. */
export interface HistoryColumns {
  readonly loss: readonly number[];
  readonly acc?: readonly number[] | undefined;
  readonly val_loss?: readonly number[] | undefined;
  readonly val_acc?: readonly number[] | undefined;
  readonly seconds?: readonly number[] | undefined;
}

/** What `session.fit` returns: the same columns, held as tfjs's History holds them. */
export interface HistoryRecord {
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly seconds?: readonly number[] | undefined;
}

/** One line an epoch, counted from 1; columns that the run did not record are left out. */
export function historyTable(run: HistoryColumns | HistoryRecord): string {
  const {
    loss = [],
    acc,
    val_loss,
    val_acc,
  }: Partial<HistoryColumns> = "history" in run ? run.history : run;
  const columns = [
    { head: "loss", values: loss, text: numberText },
    { head: "accuracy", values: acc, text: percentText },
    { head: "validation loss", values: val_loss, text: numberText },
    { head: "validation accuracy", values: val_acc, text: percentText },
    { head: "seconds", values: run.seconds, text: (value: number) => value.toFixed(1) },
  ].filter(({ values }) => values !== undefined && values.length > 0);
  return alignColumns(
    [
      ["epoch", ...columns.map(({ head }) => head)],
      ...loss.map((_, epoch) => [
        `${epoch + 1}`,
        ...columns.map(({ values, text }) => {
          const value = values?.[epoch];
          return value === undefined ? "" : text(value);
        }),
      ]),
    ],
    ["right", ...columns.map((): Alignment => "right")],
  );
}

/** One result: what stands in each column. Names with "accuracy" in them are shown in percent. */
export type ResultRow = Readonly<Record<string, string | number | undefined>>;

/**
 * A table of results: the columns of all rows in order of first appearance, text to the left and
 * figures to the right; a row without a column has a blank there.
 */
export function resultTable(rows: readonly ResultRow[]): string {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const alignments = heads.map(
    (head): Alignment => (rows.some((row) => typeof row[head] === "number") ? "right" : "left"),
  );
  return alignColumns(
    [heads, ...rows.map((row) => heads.map((head) => cell(head, row)))],
    alignments,
  );
}

function cell(head: string, row: ResultRow): string {
  const value = row[head];
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return /accuracy/i.test(head) ? percentText(value) : numberText(value);
}
