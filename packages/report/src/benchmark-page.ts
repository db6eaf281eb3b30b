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
  dotPlot,
  figure,
  figureRow,
  foldedSection,
  htmlPage,
  lineChart,
  type Markup,
  note,
  paragraph,
  type ResultFigure,
  type Section,
  section,
  type Tone,
} from "./html/kit.js";
import { type MadeOn, madeOnSection } from "./made-on.js";
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

export interface BenchmarkPageRecord extends MadeOn {
  readonly rows: readonly BenchmarkPageRow[];
  /** Engines that are Hone's own: they have its colour, and others the rivals'. */
  readonly hone?: readonly string[];
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
    const { rows, hone = [], method, remarks, madeBy } = record;
    const sets = [...new Set(rows.map(({ dataset }) => dataset))];
    const tasks = tasksOf(rows, sets.length > 1, hone);
    const curves = curvesOf(tasks, surroundings);
    const missing = missingOf(rows, sets.length > 1);
    return htmlPage({
      kind: "benchmark",
      title: `Benchmark on ${sets.join(" and ")}`,
      lead: leadOf(rows),
      results: resultsOf(tasks),
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
        foldedSection(
          "How it was measured",
          method.map((text) => paragraph(text)),
        ),
        ...madeOnSection(record),
      ],
      ...(madeBy !== undefined && { foot: madeBy }),
    });
  });
}

/** Rows that did the same work. */
interface Task {
  readonly name: string;
  readonly mode: string;
  /** What each row's rate is told as a multiple of. */
  readonly base: BenchmarkPageRow | undefined;
  readonly toneOf: (row: BenchmarkPageRow) => Tone | undefined;
  readonly rows: readonly BenchmarkPageRow[];
}

const engineText = ({ engine, variant }: BenchmarkPageRow) =>
  variant === undefined ? engine : `${engine}, ${variant}`;

/** Tasks with their rows from fast to slow. */
function tasksOf(
  rows: readonly BenchmarkPageRow[],
  withDataset: boolean,
  hone: readonly string[],
): readonly Task[] {
  // Where nothing is compared with Hone, colours would tell nothing.
  const compared = rows.some(({ engine }) => hone.includes(engine));
  const toneOf = ({ engine }: BenchmarkPageRow): Tone | undefined =>
    compared ? (hone.includes(engine) ? "hone" : "rival") : undefined;
  const tasks = new Map<string, BenchmarkPageRow[]>();
  for (const row of sortBenchmark(rows)) {
    const name = `${taskText(row, withDataset)}, batch ${row.batchSize}`;
    tasks.set(name, [...(tasks.get(name) ?? []), row]);
  }
  return [...tasks].map(([name, own]) => ({
    name,
    mode: own[0]?.mode ?? "",
    base: baseOf(own, toneOf),
    toneOf,
    rows: own,
  }));
}

/** The fastest of the others where there are any, else the slowest of all; nothing for a row alone. */
function baseOf(rows: readonly BenchmarkPageRow[], toneOf: Task["toneOf"]) {
  const measured = rows.filter(({ summary }) => summary !== undefined);
  if (measured.length < 2) return undefined;
  const rival = measured.find((row) => toneOf(row) === "rival");
  return rival ?? measured.at(-1);
}

const rateOf = ({ summary }: BenchmarkPageRow) => summary?.imagesPerSecond.median ?? Number.NaN;

/** "4.6×", or "1/28" for what is much slower; undefined where there is nothing to compare with. */
function ratioText(row: BenchmarkPageRow, { base }: Pick<Task, "base">): string | undefined {
  if (base === undefined) return undefined;
  const ratio = rateOf(row) / rateOf(base);
  if (!Number.isFinite(ratio)) return undefined;
  if (ratio < 0.1) return `1/${numberText(Math.round(1 / ratio))}`;
  return `${ratio >= 100 ? numberText(Math.round(ratio)) : ratio.toPrecision(2)}×`;
}

/** Of each task Hone's fastest beside the fastest of the others, or the fastest of all; the first four. */
function resultsOf(tasks: readonly Task[]): ResultFigure[] {
  return tasks
    .flatMap((task): ResultFigure[] => {
      const measured = task.rows.filter(({ summary }) => summary !== undefined);
      const first = measured.find((row) => task.toneOf(row) === "hone") ?? measured[0];
      if (first === undefined) return [];
      const ratio = first === task.base ? undefined : ratioText(first, task);
      const ahead = ratio === undefined ? "" : `; ${ratio} ${engineText(task.base ?? first)}`;
      return [
        {
          label: task.name,
          value: rateText(rateOf(first)),
          detail: `images per second on ${engineText(first)}${ahead}`,
        },
      ];
    })
    .slice(0, 4);
}

function leadOf(rows: readonly BenchmarkPageRow[]): string {
  const measured = rows.filter(({ outcome }) => outcome === "measured").length;
  if (measured === 0) return "No row has figures; the reasons stand below.";
  const which = measured === rows.length ? `All ${measured}` : `${measured} of ${rows.length}`;
  const checked = rows.filter((row) => row.outcome === "measured" && isChecked(row)).length;
  return `${which} ${rows.length === 1 ? "row has" : "rows have"} figures. ${checkedText(checked, measured)}`;
}

const isChecked = ({ verified }: BenchmarkPageRow) => verified !== undefined && verified !== "";

/** What may be said of the answers: each row tells how its own was checked, or does not. */
function checkedText(checked: number, measured: number): string {
  if (checked === measured) return "Every answer was checked before it was timed.";
  if (checked === 0) return "No answer was checked: figures of wrong answers are worth nothing.";
  return `${checked} of ${measured} answers were checked before they were timed; which were not stands below.`;
}

function rateFigure(task: Task, surroundings: ChartSurroundings): Markup | undefined {
  const { name, rows, toneOf } = task;
  const shown = rows.flatMap((row) => {
    if (row.summary === undefined) return [];
    const { median, least, most } = row.summary.imagesPerSecond;
    const value = median < 100 ? median : Math.round(median);
    const [ratio, tone] = [ratioText(row, task), toneOf(row)];
    return [
      {
        name: engineText(row),
        value,
        low: least,
        high: most,
        ...(ratio !== undefined && { remark: ratio }),
        ...(tone !== undefined && { tone, group: tone === "hone" ? "Hone" : "others" }),
      },
    ];
  });
  if (shown.length === 0) return undefined;
  const axis = { label: "images per second", scale: "log" } as const;
  const chart = dotPlot({ title: capital(name), value: axis, rows: shown }, surroundings);
  const beside = task.base === undefined ? "" : ` After the dot: times ${engineText(task.base)}.`;
  const caption = `Medians of the rounds and their range, on a logarithmic axis.${beside}`;
  return figure(chart, { caption });
}

/** One chart for each task that was learnt to the end; the first round of each engine. */
function curvesOf(tasks: readonly Task[], surroundings: ChartSurroundings): Markup[] {
  return tasks.flatMap(({ name, rows, toneOf }) => {
    const series = rows.flatMap((row) => {
      const points = row.rounds?.[0]?.evaluations ?? [];
      if (row.outcome !== "measured" || points.length === 0) return [];
      const x = points.map(({ seconds }) => seconds);
      return [
        {
          name: engineText(row),
          x,
          y: points.map(({ accuracy }) => accuracy),
          ...lineTone(rows, row, toneOf),
        },
      ];
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

/** Hone's colour and the rivals', as long as each is that of one curve. */
function lineTone(
  rows: readonly BenchmarkPageRow[],
  row: BenchmarkPageRow,
  toneOf: Task["toneOf"],
): { readonly tone?: Tone } {
  const tone = toneOf(row);
  const alone = rows.filter((other) => toneOf(other) === tone).length === 1;
  return tone !== undefined && alone ? { tone } : {};
}

function figuresOf(task: Task): Section | undefined {
  const { name, rows, base, toneOf } = task;
  const measured = rows.filter(({ summary }) => summary !== undefined);
  if (measured.length === 0) return undefined;
  const columns = benchmarkColumns(measured);
  const heads = columns.map(({ head }) => head);
  const ratioHead = base === undefined ? [] : ["ratio"];
  const caption = base === undefined ? undefined : `Ratios: to the rate of ${engineText(base)}`;
  return section(
    capital(name),
    dataTable({
      ...(caption !== undefined && { caption }),
      columns: [
        "engine",
        ...[...heads.slice(0, 1), ...ratioHead, ...heads.slice(1)].map((head) => ({
          head,
          align: "right" as const,
        })),
      ],
      rows: measured.map((row) => {
        const [rate, ...others] = columns.map(
          ({ text }) => text(row.summary as NonNullable<typeof row.summary>) ?? "–",
        );
        return [
          engineText(row),
          rate,
          ...(base === undefined ? [] : [ratioText(row, task) ?? "–"]),
          ...others,
        ];
      }),
      strong: [0],
      tones: measured.map(toneOf),
    }),
  );
}

/** Who computed each row, and how near its answer was. */
function answersOf(tasks: readonly Task[]): Section | undefined {
  const rows = tasks.flatMap(({ name, rows: own }) =>
    own.flatMap((row) => {
      if (row.outcome !== "measured") return [];
      return [
        [
          name,
          engineText(row),
          row.device?.description ?? "–",
          isChecked(row) ? row.verified : "not checked",
        ],
      ];
    }),
  );
  if (rows.length === 0) return undefined;
  return foldedSection(
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

const rateText = (rate: number) =>
  rate < 100 ? `${Number(rate.toPrecision(3))}` : numberText(Math.round(rate));

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
