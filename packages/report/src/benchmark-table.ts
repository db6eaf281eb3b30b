/** A benchmark as text: a line for each row that has figures, and below them why others have none. */
import { typedErrors } from "@hone/core";
import { type Alignment, alignColumns } from "./align.js";
import { numberText, percentText } from "./numbers.js";

/** The middle of several rounds, and how far they lie apart. */
export interface FigureSpread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One row, as `@hone/bench` gives it, with its rounds summed up. */
export interface BenchmarkTableRow {
  readonly engine: string;
  readonly variant?: string;
  readonly model: string;
  readonly dataset: string;
  readonly mode: string;
  readonly batchSize: number;
  readonly outcome: "measured" | "wrong" | "failed" | "cannot";
  readonly reason?: string;
  readonly hint?: string;
  readonly summary?: {
    readonly imagesPerSecond: FigureSpread;
    readonly stepP50Ms?: FigureSpread;
    readonly stepP95Ms?: FigureSpread;
    readonly firstStepMs?: FigureSpread;
    readonly epochSeconds?: FigureSpread;
    readonly timesToAccuracy?: readonly {
      readonly accuracy: number;
      readonly reached: number;
      readonly rounds: number;
      readonly seconds?: FigureSpread;
    }[];
    readonly finalAccuracy?: FigureSpread;
    readonly deviceBytes?: FigureSpread;
    readonly processBytes?: FigureSpread;
  };
}

type Summary = NonNullable<BenchmarkTableRow["summary"]>;

/** A figure a column, with its unit in the head. Medians, and for the rates the range too. */
export interface BenchmarkColumn {
  readonly head: string;
  /** Undefined where the row has none. */
  readonly text: (summary: Summary) => string | undefined;
}

const middle = (
  head: string,
  figure: (summary: Summary) => FigureSpread | undefined,
  text: (value: number) => string,
): BenchmarkColumn => ({
  head,
  text: (summary) => {
    const found = figure(summary);
    return found && text(found.median);
  },
});

const short = (value: number) => value.toPrecision(3).replace(/\.?0+(?=e|$)/, "");
const shortOrWhole = (value: number) =>
  value < 100 ? short(value) : numberText(Math.round(value));
const rate = (value: number) => (value < 100 ? short(value) : numberText(Math.round(value)));
const megabytes = (bytes: number) => numberText(Math.round(bytes / 1e6));

/** The columns that these rows have figures for. */
export function benchmarkColumns(rows: readonly BenchmarkTableRow[]): readonly BenchmarkColumn[] {
  return typedErrors("benchmarkColumns", () => {
    const times = rows.flatMap(({ summary }) => summary?.timesToAccuracy ?? []);
    const accuracies = [...new Set(times.map(({ accuracy }) => accuracy))].sort((a, b) => a - b);
    const all = [
      middle("images/s", ({ imagesPerSecond }) => imagesPerSecond, rate),
      {
        head: "range",
        text: ({ imagesPerSecond: { least, most } }: Summary) =>
          least === most ? undefined : `${rate(least)} – ${rate(most)}`,
      },
      middle("step p50 ms", ({ stepP50Ms }) => stepP50Ms, shortOrWhole),
      middle("p95 ms", ({ stepP95Ms }) => stepP95Ms, shortOrWhole),
      middle("first step ms", ({ firstStepMs }) => firstStepMs, shortOrWhole),
      middle("epoch s", ({ epochSeconds }) => epochSeconds, shortOrWhole),
      ...accuracies.map((accuracy) => ({
        head: `to ${short(100 * accuracy)} % s`,
        text: (summary: Summary) => timeText(summary, accuracy),
      })),
      middle("accuracy", ({ finalAccuracy }) => finalAccuracy, percentText),
      middle("device MB", ({ deviceBytes }) => deviceBytes, megabytes),
      middle("process MB", ({ processBytes }) => processBytes, megabytes),
    ];
    return all.filter(({ text }) =>
      rows.some(({ summary }) => summary !== undefined && text(summary) !== undefined),
    );
  });
}

/** "–" where most rounds did not get there; how many did, where not all. */
function timeText({ timesToAccuracy }: Summary, accuracy: number): string | undefined {
  const time = timesToAccuracy?.find((each) => each.accuracy === accuracy);
  if (time === undefined) return undefined;
  const { reached, rounds, seconds } = time;
  const share = reached === rounds || reached === 0 ? "" : ` (${reached}/${rounds})`;
  return (seconds === undefined ? "–" : shortOrWhole(seconds.median)) + share;
}

/** `cnn`, or `cnn, latency`: a row beside its engine and batch size. */
const engineText = ({ engine, variant }: BenchmarkTableRow) =>
  variant === undefined ? engine : `${engine}, ${variant}`;

/** Why a row has no figures, in one sentence; undefined where it has. */
export function outcomeText(given: BenchmarkTableRow): string | undefined {
  return typedErrors("outcomeText", () => {
    const { outcome, reason, hint } = given;
    if (outcome === "measured") return undefined;
    const help = hint === undefined ? "" : `. ${hint.charAt(0).toUpperCase()}${hint.slice(1)}`;
    return `${outcome}: ${reason ?? "no reason was given"}${help}`;
  });
}

/**
 * The rows with figures, best rate first within a model, mode and batch size; then a line for each other
 * row with its reason.
 */
export function benchmarkTable(rows: readonly BenchmarkTableRow[]): string {
  return typedErrors("benchmarkTable", () => {
    const columns = benchmarkColumns(rows);
    const several = new Set(rows.map(({ dataset }) => dataset)).size > 1;
    const heads = ["task", "batch", "engine", ...columns.map(({ head }) => head)];
    const lines = sortBenchmark(rows).flatMap((row) => {
      const { summary } = row;
      if (summary === undefined) return [];
      const figures = columns.map(({ text }) => text(summary) ?? "");
      return [[taskText(row, several), `${row.batchSize}`, engineText(row), ...figures]];
    });
    const alignments = heads.map(
      (head): Alignment => (head === "task" || head === "engine" ? "left" : "right"),
    );
    const table =
      lines.length === 0 ? [] : [alignColumns([heads, ...lines], alignments, { keys: 3 })];
    const notes = rows.flatMap((row) => {
      const text = outcomeText(row);
      if (text === undefined) return [];
      return [`${taskText(row, several)}, batch ${row.batchSize}, ${engineText(row)}: ${text}`];
    });
    return [...table, ...(notes.length === 0 ? [] : [notes.join("\n")])].join("\n\n");
  });
}

export function taskText(given: BenchmarkTableRow, withDataset: boolean) {
  return typedErrors("taskText", () => {
    const { mode, model, dataset } = given;
    return withDataset ? `${mode} ${model} ${dataset}` : `${mode} ${model}`;
  });
}

/** By task in order of first appearance, then batch size, then from fast to slow. */
export function sortBenchmark<Row extends BenchmarkTableRow>(rows: readonly Row[]): readonly Row[] {
  return typedErrors("sortBenchmark", () => {
    const tasks = [...new Set(rows.map((row) => taskText(row, true)))];
    const rateOf = ({ summary }: Row) => summary?.imagesPerSecond.median ?? 0;
    return [...rows].sort(
      (a, b) =>
        tasks.indexOf(taskText(a, true)) - tasks.indexOf(taskText(b, true)) ||
        a.batchSize - b.batchSize ||
        rateOf(b) - rateOf(a),
    );
  });
}
