/** What a row's process is asked to do, and what it answers: a JSON object each. */
import type { BenchmarkRow, Mode } from "@hone/bench";

export interface RowJob {
  /** `answer` makes the reference's answer and writes it to `answerFile`; `measure` reads it there. */
  readonly task: "measure" | "answer";
  readonly answerFile: string;
  /** A name of `benchBackends`, or the path of a module. */
  readonly backend: string;
  readonly model: string;
  readonly dataset: string;
  readonly mode: Mode;
  readonly batchSize: number;
  readonly variant?: string;
  readonly seed: number;
  readonly epochs: number;
  readonly evaluationsPerEpoch: number;
  /** Train on the first so many rows only. */
  readonly limit?: number;
  readonly threads?: number;
  readonly latency: boolean;
  readonly quick: boolean;
  readonly timeoutMs: number;
}

/** One line of the process's standard output. The last one with a `row` counts. */
export type RowMessage =
  | { readonly progress: string }
  | { readonly row: BenchmarkRow }
  | { readonly answered: true };
