/** What one trained trial leaves behind, as data; and the reader of its file. */
import {
  hasFields,
  isAmount,
  isAnyNumber,
  isListOf,
  isObject,
  isShare,
  isText,
  isWhole,
  parseJson,
} from "../files/shape.js";
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
  const json = parseJson(text);
  if (json === undefined) return { fault: "it is cut off, or no JSON" };
  return isRecord(json)
    ? (json as TrialRecord)
    : { fault: "it lacks what a trial's file holds, or holds what no trial gives" };
}

const judged = { validationAccuracy: isShare, validationLoss: isAnyNumber };

const isFinished = hasFields({
  status: (value) => value === "finished",
  ...judged,
  seeds: isListOf(
    hasFields({
      seed: isWhole(0, 0xffffffff),
      ...judged,
      epochs: isListOf(
        hasFields({ epoch: isWhole(1), loss: isAnyNumber, accuracy: isShare, ...judged }),
      ),
    }),
  ),
});

const isFailed = hasFields({ status: (value) => value === "failed", reason: isText });

const hasRecordFields = hasFields({
  trial: isWhole(1),
  epochs: isWhole(1),
  settings: isText,
  configuration: isObject,
  outcome: (value) => isFinished(value) || isFailed(value),
  run: hasFields({
    device: isText,
    threads: isWhole(1),
    trainingSeconds: isAmount,
    imagesPerSecond: isAmount,
    finishedAt: isText,
  }),
});

function isRecord(json: unknown): boolean {
  if (!hasRecordFields(json)) return false;
  const { outcome, epochs } = json as TrialRecord;
  if (outcome.status === "failed") return true;
  const { seeds } = outcome;
  return seeds.length > 0 && seeds.every((seed) => seed.epochs.length === epochs);
}
