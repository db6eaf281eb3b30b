import { expect, test } from "vitest";
import {
  flatPlan,
  halvingPlan,
  type Job,
  lookAt,
  plannedWork,
  rungEpochs,
  type Score,
  type SearchPlan,
  shardOf,
} from "./brackets.js";

/** Trains by a rule instead of a device: until nothing is ready any more. */
function drain(
  plan: SearchPlan,
  judge: (job: Job) => Score,
  pick = (ready: readonly Job[]) => ready[0]!,
) {
  const scores = new Map<string, Score>();
  const key = ({ trial, epochs }: Job) => `${trial}@${epochs}`;
  const look = () => lookAt(plan, (job) => scores.get(key(job)));
  for (let { ready } = look(); ready.length > 0; ready = look().ready) {
    const job = pick(ready);
    scores.set(key(job), judge(job));
  }
  return [...scores.keys()].sort();
}

const finished = (validationAccuracy: number, validationLoss = 1): Score => ({
  status: "finished",
  validationAccuracy,
  validationLoss,
});

const nine = halvingPlan(9, 9, { eta: 3, bracketSize: 9, seed: 1 });

test("rungs are the whole budget and its parts, down to one epoch", () => {
  expect(rungEpochs(10, 3)).toEqual([1, 3, 10]);
  expect(rungEpochs(9, 3)).toEqual([1, 3, 9]);
  expect(rungEpochs(10, 2)).toEqual([1, 2, 5, 10]);
  expect(rungEpochs(1, 3)).toEqual([1]);
});

test("one in eta goes on to the next rung, the best by accuracy", () => {
  const jobs = drain(nine, ({ trial }) => finished(trial / 10));
  expect(jobs.filter((job) => job.endsWith("@1"))).toHaveLength(9);
  expect(jobs.filter((job) => !job.endsWith("@1"))).toEqual(["7@3", "8@3", "9@3", "9@9"]);
  expect(plannedWork(nine)).toEqual({ jobs: 13, epochs: 27 });
});

test("the order in which trials end changes nothing", () => {
  const judge = ({ trial, epochs }: Job) => finished(((trial * 7) % 5) / 10, (trial * epochs) % 3);
  const forwards = drain(nine, judge);
  expect(drain(nine, judge, (ready) => ready.at(-1)!)).toEqual(forwards);
});

test("equal accuracies are told apart by loss, then by number", () => {
  expect(drain(nine, ({ trial }) => finished(0.5, 10 - trial))).toContain("9@9");
  expect(drain(nine, () => finished(0.5))).toContain("1@9");
});

test("what failed never goes on, and a bracket of failures ends", () => {
  const failed: Score = { status: "failed" };
  const jobs = drain(nine, ({ trial }) => (trial > 1 ? failed : finished(0.1)));
  expect(jobs.filter((job) => !job.endsWith("@1"))).toEqual(["1@3", "1@9"]);
  expect(drain(nine, () => failed)).toHaveLength(9);
});

test("brackets are equal in size, mix neighbours, and depend on the seed alone", () => {
  const plan = halvingPlan(16, 10, { eta: 3, bracketSize: 9, seed: 1 });
  expect(plan.brackets.map(({ length }) => length)).toEqual([8, 8]);
  expect(plan.brackets.flat().sort((a, b) => a - b)).toEqual(
    Array.from({ length: 16 }, (_, index) => index + 1),
  );
  // In the published grid the odd trials are those of the higher learning rate: no bracket has only one kind.
  for (const bracket of plan.brackets) {
    expect(new Set(bracket.map((trial) => trial % 2)).size).toBe(2);
  }
  expect(halvingPlan(16, 10, { eta: 3, bracketSize: 9, seed: 1 })).toEqual(plan);
  expect(halvingPlan(16, 10, { eta: 3, bracketSize: 9, seed: 2 })).not.toEqual(plan);
});

test("a bracket decides by itself: the whole trains what its shards train", () => {
  const plan = halvingPlan(23, 9, { eta: 2, bracketSize: 5, seed: 4 });
  const judge = ({ trial, epochs }: Job) => finished(((trial * 13) % 23) / 23, epochs);
  const whole = drain(plan, judge);
  for (const shards of [1, 2, 3, 7]) {
    const parts = Array.from({ length: shards }, (_, index) => shardOf(plan, index + 1, shards));
    expect(parts.flatMap((part) => drain(part, judge)).sort()).toEqual(whole);
  }
});

test("shards part a grid exactly, also when there are more of them than trials", () => {
  const plan = flatPlan(10, 4);
  for (const shards of [1, 3, 4, 12]) {
    const parts = Array.from({ length: shards }, (_, index) => shardOf(plan, index + 1, shards));
    const trials = parts.flatMap(({ brackets }) => brackets.flat());
    expect(trials.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
  expect(plannedWork(plan)).toEqual({ jobs: 10, epochs: 40 });
});
