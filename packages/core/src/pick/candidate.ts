/** What became of each backend that was considered. Plain data. */

export interface Candidate {
  readonly name: string;
  /**
   * `slower` was timed and lost; `dropped` could not win within the budget, and was not timed to the end; `refused`
   * cannot be used here or computes wrong; `not needed` was never asked, because nothing was timed.
   */
  readonly outcome: "chosen" | "slower" | "dropped" | "refused" | "not needed";
  readonly reason: string;
  /** What would make it work, or make it faster. */
  readonly hint?: string;
  readonly figures?: CandidateFigures;
}

/** Milliseconds, as measured. */
export interface CandidateFigures {
  readonly openMs: number;
  /** Loading the program and its first step. */
  readonly compileMs: number;
  /** Median of one step; absent when it was not timed. */
  readonly stepMs?: number;
  /** open + compile + steps × step: what is minimised. Without `stepMs` a lower bound. */
  readonly totalMs: number;
}

/** 0.0123 s as a person would say it. */
export function timeText(milliseconds: number): string {
  const digits = (value: number) => {
    const rounded = Number(value.toPrecision(2));
    return rounded >= 100 ? String(Math.round(value)) : String(rounded);
  };
  if (milliseconds < 1000) return `${digits(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${digits(milliseconds / 1000)} s`;
  if (milliseconds < 7_200_000) return `${digits(milliseconds / 60_000)} min`;
  return `${digits(milliseconds / 3_600_000)} h`;
}
