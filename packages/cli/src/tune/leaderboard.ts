/**
 * The leaderboard: a function of the trials' results alone. No times, no names of machines, no order of finishing, so
 * that one process and any number of merged shards write the same bytes.
 */
import { alignColumns, type ParameterEffect, percentText, tuningEffects } from "@hone/report";
import { byRank, lookAt, type Scores, type SearchPlan } from "./brackets.js";
import type { SearchSettings } from "./settings.js";
import { type Configuration, parameterLabel, rangesOf, valueText } from "./space.js";
import { scoreOf, type TrialRecord } from "./trial-record.js";

/** A trial's figures after some epochs. */
export interface RungFigures {
  readonly epochs: number;
  readonly validationAccuracy: number;
  readonly validationLoss: number;
}

export interface LeaderboardRow extends RungRow {
  readonly rank: number;
  readonly trial: number;
  readonly configuration: Configuration;
  /** Each seed's, after those epochs. */
  readonly seeds: readonly {
    readonly seed: number;
    readonly validationAccuracy: number;
    readonly validationLoss: number;
  }[];
  /** Of successive halving: the shorter runs before. */
  readonly rungs: readonly RungFigures[];
  /** Why it failed. */
  readonly reason: string | null;
}

interface RungRow {
  /** What it was last trained for. */
  readonly epochs: number;
  /** Null for a trial that failed. */
  readonly validationAccuracy: number | null;
  readonly validationLoss: number | null;
}

/** The file `leaderboard.json`. */
export interface Leaderboard {
  readonly settings: SearchSettings;
  readonly trials: readonly LeaderboardRow[];
  /** Epochs after which the effects are judged: what every trial was trained for. */
  readonly effectsEpochs: number;
  /** Mean validation accuracy by choice. */
  readonly effects: readonly ParameterEffect[];
}

/** @param record of each job that `plan` and the scores call known */
export function leaderboardOf(
  settings: SearchSettings,
  plan: SearchPlan,
  scores: Scores,
  record: (job: { readonly trial: number; readonly epochs: number }) => TrialRecord | undefined,
): Leaderboard {
  const byTrial = new Map<number, TrialRecord[]>();
  for (const job of lookAt(plan, scores).known) {
    byTrial.set(job.trial, [...(byTrial.get(job.trial) ?? []), record(job)!]);
  }
  const rows = [...byTrial.values()]
    .map((records) => ({ records, last: records.at(-1)! }))
    .map((row) => ({
      ...row,
      trial: row.last.trial,
      epochs: row.last.epochs,
      score: scoreOf(row.last),
    }))
    .sort(byRank)
    .map(({ records, last }, index) => rowOf(index + 1, records, last));
  const first = [...byTrial.values()].map(([record]) => record!).sort((a, b) => a.trial - b.trial);
  const effects = tuningEffects(
    first.map(({ configuration, outcome }) => ({
      configuration,
      score: outcome.status === "finished" ? outcome.validationAccuracy : undefined,
    })),
    { ranges: rangesOf(settings.trial.space) },
  );
  return { settings, trials: rows, effectsEpochs: plan.rungs[0]!, effects };
}

function rowOf(rank: number, records: readonly TrialRecord[], last: TrialRecord): LeaderboardRow {
  const { trial, epochs, configuration, outcome } = last;
  const finished = outcome.status === "finished";
  return {
    rank,
    trial,
    configuration,
    epochs,
    validationAccuracy: finished ? outcome.validationAccuracy : null,
    validationLoss: finished ? outcome.validationLoss : null,
    seeds: finished
      ? outcome.seeds.map(({ seed, validationAccuracy, validationLoss }) => ({
          seed,
          validationAccuracy,
          validationLoss,
        }))
      : [],
    rungs: records.slice(0, -1).flatMap(({ epochs: rung, outcome: before }) =>
      before.status === "failed"
        ? []
        : [
            {
              epochs: rung,
              validationAccuracy: before.validationAccuracy,
              validationLoss: before.validationLoss,
            },
          ],
    ),
    reason: finished ? null : outcome.reason,
  };
}

/** The file `leaderboard.txt`, and what the terminal shows. */
export function leaderboardText(board: Leaderboard): string {
  const parts = [searchText(board.settings), "", ranking(board)];
  if (board.effects.length > 0) {
    const after = counted(board.effectsEpochs, "epoch");
    parts.push(
      "",
      `Effect of each choice: validation accuracy after ${after}, over its trials`,
      "",
    );
    parts.push(effectsTable(board.effects));
  }
  return parts.join("\n").concat("\n");
}

/** Two lines about what was searched. */
export function searchText({ trial, extent }: SearchSettings): string {
  const { space, data } = trial;
  const halving =
    extent.search === "halving"
      ? `, one in ${extent.eta} kept, brackets of ${extent.bracketSize}`
      : "";
  const seeds =
    trial.seedsPerTrial === 1
      ? `seed ${trial.seed}`
      : `seeds ${trial.seed} to ${trial.seed + trial.seedsPerTrial - 1}`;
  return [
    `Search     ${extent.search} over ${space.model}: ${counted(extent.trials, "trial")} of ${extent.search === "halving" ? "up to " : ""}${counted(extent.epochs, "epoch")}${halving}`,
    `Judged     on the last ${percentText(trial.validation)} of ${data.rows} training images of ${data.name}; batch size ${trial.batchSize}, ${seeds}, numerics ${trial.numerics}`,
  ].join("\n");
}

/** `1 epoch`, `3 epochs`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function ranking({ trials }: Leaderboard): string {
  const names = [...new Set(trials.flatMap(({ configuration }) => Object.keys(configuration)))];
  const hasSpread = trials.some(({ seeds }) => seeds.length > 1);
  const head = ["rank", "trial", "epochs", "validation accuracy", "loss"];
  const rows = trials.map((row) => [
    `${row.rank}`,
    `${row.trial}`,
    `${row.epochs}`,
    row.validationAccuracy === null
      ? "failed"
      : percentText(row.validationAccuracy) + (hasSpread ? spreadText(row) : ""),
    row.validationLoss === null ? "" : row.validationLoss.toFixed(4),
    ...names.map((name) => {
      const value = row.configuration[name];
      return value === undefined ? "" : valueText(value);
    }),
  ]);
  const table = alignColumns(
    [[...head, ...names.map(parameterLabel)], ...rows],
    [...head, ...names].map(() => "right" as const),
    { keys: 2 },
  );
  const failed = trials.flatMap(({ trial, reason }) =>
    reason === null ? [] : [`Trial ${trial} failed: ${reason}`],
  );
  return failed.length === 0 ? table : [table, "", ...failed].join("\n");
}

/** ` (98.10–98.40)`, in percent. */
function spreadText({ seeds }: LeaderboardRow): string {
  const values = seeds.map(({ validationAccuracy }) => 100 * validationAccuracy);
  return ` (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;
}

function effectsTable(effects: readonly ParameterEffect[]): string {
  const share = (value: number | null) => (value === null ? "–" : percentText(value));
  const rows = effects.flatMap(({ parameter, choices }) =>
    choices.map(({ label, trials, failed, mean, least, most }) => [
      parameterLabel(parameter),
      label,
      failed === 0 ? `${trials}` : `${trials} (${failed} failed)`,
      share(mean),
      share(least),
      share(most),
    ]),
  );
  return alignColumns(
    [["setting", "choice", "trials", "mean", "lowest", "highest"], ...rows],
    ["left", "right", "right", "right", "right", "right"],
    { keys: 2 },
  );
}
