/** A benchmark as one page: charts of rates, curves of accuracy over training time, all figures, and why others are missing. */
import { typedErrors } from "@hone/core";
import {
  type BenchmarkTableRow,
  benchmarkColumns,
  outcomeText,
  sortBenchmark,
  taskText,
} from "./benchmark-table.js";
import {
  type ChartSurroundings,
  dataTable,
  definitionList,
  dotPlot,
  figure,
  figureRow,
  htmlPage,
  lineChart,
  type Markup,
  note,
  paragraph,
  type Section,
  section,
} from "./html/kit.js";
import { numberText } from "./numbers.js";

/** A row with what only a page shows. */
export interface BenchmarkPageRow extends BenchmarkTableRow {
  readonly device?: { readonly description: string };
  /** How its answer was checked. */
  readonly verified?: string;
  readonly rounds?: readonly {
    readonly evaluations?: readonly {
      readonly seconds: number;
      readonly accuracy: number;
    }[];
  }[];
}

export interface BenchmarkPageRecord {
  readonly rows: readonly BenchmarkPageRow[];
  /** Names with their values: processor, cores, system. */
  readonly machine: Readonly<Record<string, string | number>>;
  /** How it was measured, in sentences. */
  readonly method: readonly string[];
  /** What a reader must not miss: noise, too few rounds, an interrupted run. */
  readonly remarks: readonly string[];
  readonly madeBy?: string;
}

/** @returns the whole file */
export function benchmarkHtml(
  record: BenchmarkPageRecord,
  surroundings: ChartSurroundings,
): string {
  return typedErrors("benchmarkHtml", () => {
    const { rows, machine, method, remarks, madeBy } = record;
    const sets = [...new Set(rows.map(({ dataset }) => dataset))];
    const tasks = tasksOf(rows, sets.length > 1);
    const curves = curvesOf(tasks, surroundings);
    const missing = missingOf(rows, sets.length > 1);
    return htmlPage({
      title: `Benchmark on ${sets.join(" and ")}`,
      lead: leadOf(tasks),
      sections: [
        section(
          "Images per second",
          remarks.map((remark) => note(remark)),
          figureRow(...tasks.flatMap((task) => rateFigure(task, surroundings) ?? [])),
        ),
        ...(curves.length > 0
          ? [section("Accuracy over training time", figureRow(...curves))]
          : []),
        ...tasks.flatMap((task) => figuresOf(task) ?? []),
        ...[missing, answersOf(tasks)].filter((part) => part !== undefined),
        section(
          "How it was measured",
          method.map((text) => paragraph(text)),
          definitionList(machine),
        ),
      ],
      ...(madeBy !== undefined && { foot: madeBy }),
    });
  });
}

/** Rows that did the same work. */
interface Task {
  readonly name: string;
  readonly mode: string;
  readonly rows: readonly BenchmarkPageRow[];
}

const engineText = ({ engine, variant }: BenchmarkPageRow) =>
  variant === undefined ? engine : `${engine}, ${variant}`;

/** Tasks with their rows from fast to slow. */
function tasksOf(rows: readonly BenchmarkPageRow[], withDataset: boolean): readonly Task[] {
  const tasks = new Map<string, BenchmarkPageRow[]>();
  for (const row of sortBenchmark(rows)) {
    const name = `${taskText(row, withDataset)}, batch ${row.batchSize}`;
    tasks.set(name, [...(tasks.get(name) ?? []), row]);
  }
  return [...tasks].map(([name, own]) => ({ name, mode: own[0]?.mode ?? "", rows: own }));
}

function leadOf(tasks: readonly Task[]): string {
  const winners = tasks.flatMap(({ name, rows }) => {
    const [first, second] = rows;
    if (first?.summary === undefined || second?.summary === undefined) return [];
    const rate = numberText(Math.round(first.summary.imagesPerSecond.median));
    return [`${name}: ${engineText(first)}, ${rate} images per second`];
  });
  if (winners.length > 0) return `Fastest here: ${winners.join("; ")}.`;
  const measured = tasks.some(({ rows }) => rows[0]?.summary !== undefined);
  return measured
    ? "No two engines have figures for the same task."
    : "No row has figures; the reasons stand below.";
}

function rateFigure({ name, rows }: Task, surroundings: ChartSurroundings): Markup | undefined {
  const shown = rows.flatMap((row) => {
    if (row.summary === undefined) return [];
    const { median, least, most } = row.summary.imagesPerSecond;
    const value = median < 100 ? median : Math.round(median);
    return [{ name: engineText(row), value, low: least, high: most }];
  });
  if (shown.length === 0) return undefined;
  const axis = { label: "images per second", scale: "log" } as const;
  const chart = dotPlot({ title: capital(name), value: axis, rows: shown }, surroundings);
  const caption = "Medians of the rounds and their range, on a logarithmic axis.";
  return figure(chart, { caption });
}

/** One chart for each task that was learnt to the end; the first round of each engine. */
function curvesOf(tasks: readonly Task[], surroundings: ChartSurroundings): Markup[] {
  return tasks.flatMap(({ name, rows }) => {
    const series = rows.flatMap((row) => {
      const points = row.rounds?.[0]?.evaluations ?? [];
      if (row.outcome !== "measured" || points.length === 0) return [];
      const x = points.map(({ seconds }) => seconds);
      return [{ name: engineText(row), x, y: points.map(({ accuracy }) => accuracy) }];
    });
    if (series.length === 0) return [];
    const chart = lineChart(
      {
        title: capital(name),
        x: { label: "training time (s)", scale: "log" },
        y: { label: "test accuracy", percent: true },
        series,
      },
      surroundings,
    );
    return [figure(chart, { caption: "The first round; evaluations are left out of the time." })];
  });
}

function figuresOf({ name, rows }: Task): Section | undefined {
  const measured = rows.filter(({ summary }) => summary !== undefined);
  if (measured.length === 0) return undefined;
  const columns = benchmarkColumns(measured);
  return section(
    capital(name),
    dataTable({
      columns: ["engine", ...columns.map(({ head }) => ({ head, align: "right" as const }))],
      rows: measured.map((row) => [
        engineText(row),
        ...columns.map(({ text }) => text(row.summary as NonNullable<typeof row.summary>) ?? "–"),
      ]),
      strong: [0],
    }),
  );
}

/** Who computed each row, and how near its answer was. */
function answersOf(tasks: readonly Task[]): Section | undefined {
  const rows = tasks.flatMap(({ name, rows: own }) =>
    own.flatMap((row) => {
      if (row.outcome !== "measured") return [];
      return [[name, engineText(row), row.device?.description ?? "–", row.verified ?? "–"]];
    }),
  );
  if (rows.length === 0) return undefined;
  return section(
    "Who computed, and how the answers were checked",
    dataTable({ columns: ["task", "engine", "computed by", "answer"], rows }),
  );
}

function missingOf(rows: readonly BenchmarkPageRow[], withDataset: boolean): Section | undefined {
  const missing = rows.filter(({ outcome }) => outcome !== "measured");
  if (missing.length === 0) return undefined;
  return section(
    "Rows without figures",
    dataTable({
      columns: ["task", "batch", "engine", "why"],
      rows: missing.map((row) => [
        taskText(row, withDataset),
        `${row.batchSize}`,
        engineText(row),
        outcomeText(row),
      ]),
    }),
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
