/** What one trained trial leaves behind, as data; and the reader of its file. */
import type { Job, Score } from "./brackets.js";
import type { Configuration } from "./space.js";

/** One epoch of one training run. */
export interface EpochFigures {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

/** One training run of a trial; judged after its last epoch. */
export interface SeedFigures {
  readonly seed: number;
  readonly validationAccuracy: number;
  readonly validationLoss: number;
  readonly epochs: readonly EpochFigures[];
}

export type TrialOutcome =
  | {
      readonly status: "finished";
      /** Means over the seeds. */
      readonly validationAccuracy: number;
      readonly validationLoss: number;
      readonly seeds: readonly SeedFigures[];
    }
  | { readonly status: "failed"; readonly reason: string };

/** How it went on the machine it ran on; no part of a comparison. */
export interface TrialRun {
  readonly device: string;
  readonly threads: number;
  /** Training alone. */
  readonly trainingSeconds: number;
  readonly imagesPerSecond: number;
  readonly finishedAt: string;
}

/** A file of `trials/`. */
export interface TrialRecord extends Job {
  /** Of the settings it was trained with. */
  readonly settings: string;
  readonly configuration: Configuration;
  readonly outcome: TrialOutcome;
  readonly run: TrialRun;
}

export function jobKey({ trial, epochs }: Job): string {
  return `${trial}@${epochs}`;
}

/** `trial-0003-epochs-10`. */
export function jobName({ trial, epochs }: Job): string {
  return `trial-${`${trial}`.padStart(4, "0")}-epochs-${epochs}`;
}

export const recordFile = /^trial-(\d+)-epochs-(\d+)\.json$/;

export function scoreOf({ outcome }: TrialRecord): Score {
  if (outcome.status === "failed") return { status: "failed" };
  const { validationAccuracy, validationLoss } = outcome;
  return { status: "finished", validationAccuracy, validationLoss };
}

/** The record in a file's text, or what is wrong with it. */
export function readRecord(text: string): TrialRecord | { readonly fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: "it is cut off, or no JSON" };
  }
  return isRecord(json) ? json : { fault: "it lacks what a trial's file holds" };
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(json: unknown): json is TrialRecord {
  if (!isObject(json)) return false;
  const { trial, epochs, settings, configuration, outcome, run } = json;
  return (
    isWhole(trial) &&
    isWhole(epochs) &&
    typeof settings === "string" &&
    isObject(configuration) &&
    isObject(run) &&
    isObject(outcome) &&
    (outcome.status === "failed" ? typeof outcome.reason === "string" : isFinished(outcome))
  );
}

function isFinished(outcome: Fields): boolean {
  const { status, seeds } = outcome;
  if (status !== "finished" || !isJudged(outcome)) return false;
  if (!Array.isArray(seeds) || seeds.length === 0) return false;
  return seeds.every(
    (seed) =>
      isObject(seed) && isWhole(seed.seed, 0) && isJudged(seed) && Array.isArray(seed.epochs),
  );
}

function isJudged({ validationAccuracy, validationLoss }: Fields): boolean {
  return Number.isFinite(validationAccuracy) && Number.isFinite(validationLoss);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, least = 1): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
