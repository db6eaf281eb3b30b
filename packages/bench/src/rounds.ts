/** Rounds in which all rows take turns, so that a drift of the machine strikes all of them alike. */
import { checkRounds } from "./checks.js";
import type { BenchmarkRow, RowIdentity } from "./row.js";
import { identityOf } from "./row.js";

/** Who takes part in the rounds. */
export interface Contender {
  readonly identity: RowIdentity;
  /** Measures it once, from a fresh start. @param round from 1 */
  readonly run: (round: number) => Promise<BenchmarkRow>;
}

/** How often everybody takes a turn, and who is told. */
export interface RoundsOptions {
  readonly rounds: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each run. @param index of the run, from 0, of `runs` */
  readonly onRun?: (contender: Contender, round: number) => void;
  /** Called after each run, with all rows that have run so far, in the contenders' order. */
  readonly onRow?: (row: BenchmarkRow, rows: readonly BenchmarkRow[]) => void | Promise<void>;
}

/**
 * Runs every contender once a round; every second round turns the order round. Whatever is not right in
 * one round is not run again, and its row says so.
 * @returns a row for each contender, in their order @throws what a contender throws
 */
export async function runRounds(
  contenders: readonly Contender[],
  options: RoundsOptions,
): Promise<BenchmarkRow[]> {
  checkRounds("runRounds", contenders, options);
  const { rounds, signal, onRun, onRow } = options;
  const rows = new Map<Contender, BenchmarkRow>();
  const inOrder = () => contenders.flatMap((contender) => rows.get(contender) ?? []);
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? contenders : contenders.toReversed();
    for (const contender of order) {
      const before = rows.get(contender);
      if (before !== undefined && before.outcome !== "measured") continue;
      signal?.throwIfAborted();
      onRun?.(contender, round);
      const row = joinRounds(before, await contender.run(round), round);
      rows.set(contender, row);
      await onRow?.(row, inOrder());
    }
  }
  return inOrder();
}

/** One row of what earlier rounds and this one gave. */
function joinRounds(
  before: BenchmarkRow | undefined,
  row: BenchmarkRow,
  round: number,
): BenchmarkRow {
  if (before?.outcome !== "measured") return row;
  if (row.outcome === "measured") return { ...row, rounds: [...before.rounds, ...row.rounds] };
  const device = row.device ?? before.device;
  const reason = `in round ${round}: ${row.reason}`;
  return { ...identityOf(row), ...(device && { device }), ...outcomeWith(row, reason) };
}

function outcomeWith(
  { outcome, hint }: Exclude<BenchmarkRow, { readonly outcome: "measured" }>,
  reason: string,
) {
  return hint === undefined ? { outcome, reason } : { outcome, reason, hint };
}
