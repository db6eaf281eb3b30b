/** Measures one planned row once, in a process of its own, against an answer made in another. */
import path from "node:path";
import process from "node:process";
import { type BenchmarkRow, identityOf, isRowOutcome, type RowOutcome } from "@hone/bench";
import { BenchGuard } from "./guard.js";
import type { RowJob } from "./job.js";
import { allowedShare, readTimes, shareSince, waitForQuiet } from "./others.js";
import { type BackendRow, isProgram, type PlannedRow } from "./row-list.js";
import { runRowProcess } from "./row-process.js";

export interface RowSettings {
  readonly epochs: number;
  readonly evaluationsPerEpoch: number;
  readonly limit?: number;
  readonly seed: number;
  readonly quick: boolean;
  /** Wait until others use little of the processor, and take a disturbed run again. */
  readonly waitForQuiet: boolean;
  readonly timeoutMs: number;
}

interface RunOptions {
  readonly round: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** An evaluation of the whole test set tells nothing until it is done. */
const evaluationPatience = 10;
/** Other programs may tell nothing until they are done. */
const programSilenceMs = { quick: 120_000, long: 1_800_000 };
const mostTries = 4;

export class RowRunner {
  readonly #settings: RowSettings;
  readonly #guard: BenchGuard;
  readonly #answers = new Map<
    string,
    { readonly file: string; readonly fault: Promise<RowOutcome | undefined> }
  >();

  private constructor(settings: RowSettings, guard: BenchGuard) {
    this.#settings = settings;
    this.#guard = guard;
  }

  /** @throws BadArgument when the system's folder for temporary files takes none */
  static async open(settings: RowSettings): Promise<RowRunner> {
    return new RowRunner(settings, await BenchGuard.open());
  }

  get #programSilenceMs(): number {
    return this.#settings.quick ? programSilenceMs.quick : programSilenceMs.long;
  }

  close(): void {
    this.#guard.close();
  }

  /** @throws what `signal` was aborted with */
  async run(row: PlannedRow, options: RunOptions): Promise<BenchmarkRow> {
    const { signal, onProgress } = options;
    const wait = this.#settings.waitForQuiet;
    let kept: BenchmarkRow | undefined;
    for (let tries = 1; tries <= mostTries; tries++) {
      if (wait) {
        onProgress("waiting for a quiet machine");
        await waitForQuiet(signal);
      }
      const found = await this.#once(row, options);
      if (found.outcome !== "measured") return found;
      if (shareOf(found) < shareOf(kept)) kept = found;
      if (!wait || shareOf(found) <= allowedShare) break;
    }
    return kept!;
  }

  async #once(row: PlannedRow, options: RunOptions): Promise<BenchmarkRow> {
    const outcome = isProgram(row)
      ? await this.#measure(row.command, this.#programSilenceMs, options, row.env)
      : await this.#backendRow(row, options);
    const { device, ...rest } = outcome as BenchmarkRow;
    // Who ran is what was asked for, whatever the process calls it.
    return { ...rest, ...identityOf(row), ...(device && { device }) } as BenchmarkRow;
  }

  async #backendRow(row: BackendRow, options: RunOptions) {
    const job = this.#jobOf(row, options.round);
    const key = JSON.stringify([
      row.model,
      row.dataset,
      row.mode,
      row.batchSize,
      job.limit,
      job.seed,
    ]);
    const known = this.#answers.get(key);
    const file = known?.file ?? path.join(this.#guard.folder, `answer-${this.#answers.size}`);
    const asked = { ...job, answerFile: file };
    const fault = known?.fault ?? this.#answer(asked, options);
    this.#answers.set(key, { file, fault });
    const missing = await fault;
    if (missing !== undefined) return missing;
    const silenceMs = job.timeoutMs * (job.epochs > 0 ? evaluationPatience + 1 : 2);
    return this.#measure(commandOf(asked), silenceMs, options);
  }

  /** The reference computes in a process of its own, so that it is no part of what a row's process holds. */
  async #answer(job: RowJob, options: RunOptions): Promise<RowOutcome | undefined> {
    options.onProgress("making the reference's answer");
    const found = await runRowProcess({
      command: commandOf({ ...job, task: "answer" }),
      silenceMs: evaluationPatience * job.timeoutMs,
      guard: this.#guard,
      ...options,
    });
    if (!("outcome" in found)) return undefined;
    const { reason } = found as { readonly reason: string };
    return { outcome: "failed", reason: `the reference gave no answer: ${reason}` };
  }

  async #measure(
    command: readonly string[],
    silenceMs: number,
    { signal, onProgress }: RunOptions,
    env?: Readonly<Record<string, string>>,
  ): Promise<RowOutcome> {
    const before = readTimes();
    const found = await runRowProcess({
      command,
      silenceMs,
      signal,
      onProgress,
      guard: this.#guard,
      ...(env && { env }),
    });
    const othersShare = shareSince(before);
    const outcome = "row" in found ? found.row : found;
    if (!isRowOutcome(outcome)) {
      const reason = `what it printed is no row: ${JSON.stringify(found).slice(0, 200)}`;
      return { outcome: "failed", reason };
    }
    if (outcome.outcome !== "measured" || othersShare === undefined) return outcome;
    // A browser's run tells its own: once closed, its processes would count as others'.
    const rounds = outcome.rounds.map((figures) => ({ othersShare, ...figures }));
    return { ...outcome, rounds };
  }

  #jobOf(row: BackendRow, round: number): RowJob {
    const { epochs, evaluationsPerEpoch, seed, quick, timeoutMs, limit } = this.#settings;
    const rows = row.limit ?? limit;
    const trained = row.mode === "train" ? (row.epochs ?? epochs) : 0;
    return {
      task: "measure",
      answerFile: "",
      backend: row.backend,
      model: row.model,
      dataset: row.dataset,
      mode: row.mode,
      batchSize: row.batchSize,
      latency: row.latency,
      // Where accuracy is told, one seed would be luck.
      seed: trained > 0 ? seed + round - 1 : seed,
      epochs: trained,
      evaluationsPerEpoch,
      quick,
      timeoutMs,
      ...(row.variant && { variant: row.variant }),
      ...(row.threads !== undefined && { threads: row.threads }),
      ...(rows !== undefined && { limit: rows }),
    };
  }
}

function commandOf(job: RowJob): readonly string[] {
  const [, launcher] = process.argv as [string, string];
  return [process.execPath, ...process.execArgv, launcher, "bench-row", JSON.stringify(job)];
}

/** Of the last round; what has none is beyond all. */
function shareOf(row: BenchmarkRow | undefined): number {
  if (row?.outcome !== "measured") return Number.POSITIVE_INFINITY;
  return row.rounds.at(-1)?.othersShare ?? 0;
}
