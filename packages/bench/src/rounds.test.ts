import { expect, test } from "vitest";
import { type BenchmarkRow, type Contender, runRounds, summarizeRounds } from "./index.js";

const identity = (engine: string) =>
  ({ engine, model: "mlp", dataset: "digits", mode: "train", batchSize: 64 }) as const;

const measured = (engine: string, imagesPerSecond: number): BenchmarkRow => ({
  ...identity(engine),
  outcome: "measured",
  verified: "by nobody",
  rounds: [{ imagesPerSecond }],
});

const failed = (engine: string, reason: string): BenchmarkRow => ({
  ...identity(engine),
  outcome: "failed",
  reason,
});

function contenders(
  runs: string[],
  outcomes: Readonly<Record<string, (round: number) => BenchmarkRow>>,
): Contender[] {
  return Object.entries(outcomes).map(([engine, outcome]) => ({
    identity: identity(engine),
    run: async (round) => {
      runs.push(`${engine}${round}`);
      return outcome(round);
    },
  }));
}

test("all rows take turns, and every second round turns the order round", async () => {
  const runs: string[] = [];
  const rows = await runRounds(
    contenders(runs, {
      a: (round) => measured("a", 10 * round),
      b: (round) => measured("b", round),
    }),
    { rounds: 3 },
  );
  expect(runs).toEqual(["a1", "b1", "b2", "a2", "a3", "b3"]);
  expect(rows.map(({ engine }) => engine)).toEqual(["a", "b"]);
  expect(rows[0]).toMatchObject({
    rounds: [{ imagesPerSecond: 10 }, { imagesPerSecond: 20 }, { imagesPerSecond: 30 }],
  });
});

test("a row that fails is marked with its round, is not run again, and the rest goes on", async () => {
  const runs: string[] = [];
  const rows = await runRounds(
    contenders(runs, {
      a: (round) => (round < 2 ? measured("a", 1) : failed("a", "it died")),
      b: () => failed("b", "it hung"),
      c: () => measured("c", 1),
    }),
    { rounds: 4 },
  );
  expect(runs).toEqual(["a1", "b1", "c1", "c2", "a2", "c3", "c4"]);
  expect(rows).toMatchObject([
    { outcome: "failed", reason: "in round 2: it died" },
    { outcome: "failed", reason: "it hung" },
    { outcome: "measured", rounds: [{}, {}, {}, {}] },
  ]);
  expect(rows[0]).not.toHaveProperty("rounds");
});

test("an abort ends between two runs, and what has run was told", async () => {
  const controller = new AbortController();
  const told: number[] = [];
  const both = { a: () => measured("a", 1), b: () => measured("b", 1) };
  const running = runRounds(contenders([], both), {
    rounds: 5,
    signal: controller.signal,
    onRow: (_row, rows) => {
      told.push(rows.length);
      if (told.length === 3) controller.abort(new Error("enough"));
    },
  });
  await expect(running).rejects.toThrow("enough");
  expect(told).toEqual([1, 2, 2]);
});

test("a summary has the median and the extremes of what the rounds have", () => {
  const step = (p50Ms: number) => ({ p50Ms, p95Ms: 2 * p50Ms, samples: 9, stepsPerSample: 4 });
  const summary = summarizeRounds([
    { imagesPerSecond: 30, step: step(1), epochSeconds: [9, 2, 4], othersShare: 0.1 },
    { imagesPerSecond: 10, step: step(3), epochSeconds: [9, 5], othersShare: 0.3 },
    { imagesPerSecond: 20, step: step(2), epochSeconds: [7] },
  ]);
  expect(summary.imagesPerSecond).toEqual({ median: 20, least: 10, most: 30, count: 3 });
  expect(summary.stepP95Ms).toEqual({ median: 4, least: 2, most: 6, count: 3 });
  // The first epoch warms up, unless it is alone.
  expect(summary.epochSeconds).toEqual({ median: 5, least: 3, most: 7, count: 3 });
  expect(summary.othersShare).toBe(0.3);
  expect(summary.finalAccuracy).toBeUndefined();
});

test("a time to accuracy has a figure only where most rounds reached it", () => {
  const rounds = (...seconds: (number | null)[]) =>
    seconds.map((time) => ({
      imagesPerSecond: 1,
      timesToAccuracy: [{ accuracy: 0.98, seconds: time }],
    }));
  expect(summarizeRounds(rounds(4, null, 6)).timesToAccuracy).toEqual([
    {
      accuracy: 0.98,
      reached: 2,
      rounds: 3,
      seconds: { median: 5, least: 4, most: 6, count: 2 },
    },
  ]);
  expect(summarizeRounds(rounds(4, null)).timesToAccuracy).toEqual([
    { accuracy: 0.98, reached: 1, rounds: 2 },
  ]);
});
