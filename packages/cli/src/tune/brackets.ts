/**
 * What is trained when: trials in brackets, each of which halves by itself (Jamieson and Talwalkar, "Non-stochastic
 * best arm identification and hyperparameter optimization", AISTATS 2016).
 *
 * Brackets are the same whatever the number of shards, and none looks at another, so that shards need not talk. Grid
 * and random search are brackets of one trial with one rung.
 */
import { permutation } from "@hone/core";

/** One thing to train: a trial, counted from 1, for this many epochs. */
export interface Job {
  readonly trial: number;
  readonly epochs: number;
}

export interface SearchPlan {
  /** Trial numbers. */
  readonly brackets: readonly (readonly number[])[];
  /** Epochs of each rung, rising. */
  readonly rungs: readonly number[];
  /** One in this many goes on to the next rung. */
  readonly eta: number;
}

/** What a finished job is judged by. */
export type Score =
  | {
      readonly status: "finished";
      readonly validationAccuracy: number;
      readonly validationLoss: number;
    }
  | { readonly status: "failed" };

/** The score of a job, or undefined while it has none. */
export type Scores = (job: Job) => Score | undefined;

/** Every trial by itself, for all epochs. */
export function flatPlan(trials: number, epochs: number): SearchPlan {
  const brackets = Array.from({ length: trials }, (_, index) => [index + 1]);
  return { brackets, rungs: [epochs], eta: 2 };
}

/** Epochs of the rungs: the longest, and each one `eta` times shorter than the next, down to 1. */
export function rungEpochs(epochs: number, eta: number): readonly number[] {
  const rungs: number[] = [];
  for (let rung = epochs; rung >= 1; rung = Math.floor(rung / eta)) rungs.unshift(rung);
  return rungs;
}

/**
 * Successive halving: brackets of at most `bracketSize` trials, as equal as can be, dealt in an order drawn from the
 * seed, so that neighbours in a grid meet in different ones.
 */
export function halvingPlan(
  trials: number,
  epochs: number,
  {
    eta,
    bracketSize,
    seed,
  }: { readonly eta: number; readonly bracketSize: number; readonly seed: number },
): SearchPlan {
  const count = Math.ceil(trials / bracketSize);
  const brackets = Array.from({ length: count }, (): number[] => []);
  for (const [turn, index] of permutation(trials, seed, 1).entries()) {
    brackets[turn % count]!.push(index + 1);
  }
  for (const bracket of brackets) bracket.sort((a, b) => a - b);
  return { brackets, rungs: rungEpochs(epochs, eta), eta };
}

/** Whole brackets, dealt in turn. @param shard from 1 */
export function shardOf(plan: SearchPlan, shard: number, shards: number): SearchPlan {
  return { ...plan, brackets: plan.brackets.filter((_, index) => index % shards === shard - 1) };
}

/** Jobs of all brackets that may begin now: `known` have a score already. */
export function lookAt(
  plan: SearchPlan,
  scores: Scores,
): { readonly ready: readonly Job[]; readonly known: readonly Job[] } {
  const [ready, known]: [Job[], Job[]] = [[], []];
  for (const bracket of plan.brackets) {
    let trials = bracket;
    for (const epochs of plan.rungs) {
      const jobs = trials.map((trial): Job => ({ trial, epochs }));
      const open = jobs.filter((job) => scores(job) === undefined);
      ready.push(...open);
      known.push(...jobs.filter((job) => scores(job) !== undefined));
      if (open.length > 0) break;
      trials = promoted(jobs, scores, plan.eta);
      if (trials.length === 0) break;
    }
  }
  return { ready, known };
}

/** Jobs of the whole plan, and their epochs, if no trial fails. */
export function plannedWork({ brackets, rungs, eta }: SearchPlan): {
  readonly jobs: number;
  readonly epochs: number;
} {
  const work = { jobs: 0, epochs: 0 };
  for (const bracket of brackets) {
    let size = bracket.length;
    for (const rung of rungs) {
      work.jobs += size;
      work.epochs += size * rung;
      size = survivors(size, eta);
    }
  }
  return work;
}

function survivors(size: number, eta: number): number {
  return Math.max(1, Math.floor(size / eta));
}

function promoted(jobs: readonly Job[], scores: Scores, eta: number): number[] {
  return jobs
    .map((job) => ({ ...job, score: scores(job)! }))
    .filter(({ score }) => score.status === "finished")
    .sort(byRank)
    .slice(0, survivors(jobs.length, eta))
    .map(({ trial }) => trial)
    .sort((a, b) => a - b);
}

/** The better one first: finished before failed, then more epochs, higher accuracy, lower loss, lower number. */
export function byRank(
  a: Job & { readonly score: Score },
  b: Job & { readonly score: Score },
): number {
  const [x, y] = [a.score, b.score];
  if (x.status === "failed" || y.status === "failed") {
    if (x.status !== y.status) return x.status === "failed" ? 1 : -1;
    return a.trial - b.trial;
  }
  return (
    b.epochs - a.epochs ||
    y.validationAccuracy - x.validationAccuracy ||
    x.validationLoss - y.validationLoss ||
    a.trial - b.trial
  );
}
