/** `hone bench`: rows in rounds, each in a fresh process, to a table and to files. */
import {
  type BenchmarkRow,
  type RowIdentity,
  type RowSummary,
  rowTitle,
  runRounds,
  summarizeRounds,
} from "@hone/bench";
import { HoneError } from "@hone/core";
import { benchmarkTable, numberText } from "@hone/report";
import { version } from "../../package.json";
import { type WriteOptions, writeWhole } from "../files/write-whole.js";
import type { Interrupt } from "../interrupt.js";
import { type Machine, thisMachine } from "../machine.js";
import { durationText } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { allowedShare } from "./others.js";
import type { PlannedRow } from "./row-list.js";
import { RowRunner, type RowSettings } from "./run-row.js";

export interface ComparisonPlan {
  readonly rows: readonly PlannedRow[];
  readonly rounds: number;
  readonly settings: RowSettings;
  readonly json?: string;
}

export type SummarizedRow = BenchmarkRow & { readonly summary?: RowSummary };

/** The file of `--json`. */
export interface BenchmarkRecord {
  readonly kind: "benchmark";
  readonly hone: string;
  readonly date: string;
  readonly machine: Machine;
  readonly settings: RowSettings & { readonly rounds: number };
  /** False in a file that a run still adds to, or was interrupted before its end. */
  readonly complete: boolean;
  readonly seconds: number;
  readonly rows: readonly SummarizedRow[];
}

/** @throws Aborted when interrupted; finished rows are then in the file of `json` */
export async function runComparison(
  plan: ComparisonPlan,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<BenchmarkRecord> {
  const { rows, rounds, settings, json } = plan;
  const { signal } = interrupt;
  const date = new Date().toISOString();
  const beganMs = performance.now();
  const recordOf = (found: readonly BenchmarkRow[], complete: boolean): BenchmarkRecord => ({
    kind: "benchmark",
    hone: version,
    date,
    machine: thisMachine(),
    settings: { ...settings, rounds },
    complete,
    seconds: (performance.now() - beganMs) / 1000,
    rows: found.map(summarized),
  });
  const runner = await RowRunner.open(settings);
  const counts = { done: 0, all: rows.length * rounds };
  const place = () => {
    const { done, all } = counts;
    const spent = (performance.now() - beganMs) / 1000;
    const left = done === 0 ? "" : `  ${durationText((spent / done) * (all - done))} left`;
    return { count: `${done + 1}/${all}`, left };
  };
  try {
    const contenders = rows.map((row) => ({
      identity: row,
      run: async (round: number) => {
        const onProgress = (text: string) => {
          const { count, left } = place();
          terminal.show(`${count}  ${rowTitle(row)}: ${text}${left}`);
        };
        onProgress("starting");
        const measured = await runner.run(row, { round, signal, onProgress });
        // What is not right is not run again.
        if (measured.outcome !== "measured") counts.all -= rounds - round;
        return measured;
      },
    }));
    const found = await runRounds(contenders, {
      rounds,
      signal,
      onRow: async (row, soFar) => {
        terminal.say(rowLine(row, place().count));
        counts.done++;
        if (json === undefined) return;
        await writeJson(json, recordOf(soFar, false), { interim: true });
        interrupt.lastWords = `[hone] bench: interrupted after ${counts.done} ${counts.done === 1 ? "run" : "runs"}. The rows finished so far are in ${json}.`;
      },
    });
    const record = recordOf(found, true);
    if (json !== undefined) await writeJson(json, record);
    return record;
  } finally {
    terminal.show("");
    runner.close();
  }
}

function summarized(row: BenchmarkRow): SummarizedRow {
  return row.outcome === "measured" ? { ...row, summary: summarizeRounds(row.rounds) } : row;
}

function rowLine(row: BenchmarkRow, count: string): string {
  const title = `${count}  ${rowTitle(row as RowIdentity)}`;
  if (row.outcome !== "measured") return `${title}  ${row.outcome}: ${row.reason}`;
  const { imagesPerSecond, finalAccuracy } = row.rounds.at(-1)!;
  const rate = imagesPerSecond < 100 ? imagesPerSecond.toFixed(1) : Math.round(imagesPerSecond);
  const accuracy =
    finalAccuracy === undefined ? "" : `  test accuracy ${(100 * finalAccuracy).toFixed(2)} %`;
  return `${title}  ${typeof rate === "number" ? numberText(rate) : rate} img/s${accuracy}`;
}

function writeJson(file: string, record: BenchmarkRecord, options?: WriteOptions): Promise<void> {
  return writeWhole(file, `${JSON.stringify(record, undefined, 2)}\n`, options);
}

/** @throws BackendUnavailable when no row has figures */
export function checkMeasured({ rows }: BenchmarkRecord): void {
  if (rows.some(({ outcome }) => outcome === "measured")) return;
  const outcomes = ["wrong", "failed", "cannot"].flatMap((outcome) => {
    const count = rows.filter((row) => row.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  const what = `no row has figures (${outcomes.join(", ")}); the table says why. Mend one of them, or choose others.`;
  throw new HoneError("BackendUnavailable", "bench", what);
}

/** The record as text: what ran where, the table, and what a reader should know of it. */
export function comparisonText(record: BenchmarkRecord): string {
  const { machine, settings, rows } = record;
  const sets = [...new Set(rows.map(({ dataset }) => dataset))].join(", ");
  const lines = [
    `Data       ${sets}`,
    `Machine    ${machine.processor ?? "unknown"}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}`,
    `Rounds     ${settings.rounds}, each row in a fresh process, in turns; figures are medians over the rounds`,
    "",
    benchmarkTable(rows),
  ];
  const remarks = remarksOn(record);
  return [...lines, ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n");
}

/** What a reader must not miss. */
export function remarksOn({ settings, rows }: BenchmarkRecord): readonly string[] {
  const remarks: string[] = [];
  if (settings.rounds < 5) {
    const count = settings.rounds === 1 ? "1 round is" : `${settings.rounds} rounds are`;
    remarks.push(`${count} too few to tell engines apart that are close.`);
  }
  const shares = rows.flatMap(({ summary }) => summary?.othersShare ?? []);
  const disturbed = shares.filter((share) => share > allowedShare).length;
  if (disturbed > 0) {
    const most = Math.max(...shares).toFixed(1);
    remarks.push(
      `Other programs used up to ${most} cores during ${disturbed} of ${rows.length} rows: do not trust these figures.`,
    );
  }
  return remarks;
}
