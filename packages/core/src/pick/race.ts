/**
 * Finds the candidate that will have done the work first: open + compile + steps × step.
 *
 * Candidates are made ready one after another, those that tend to be ready soonest first, so that each
 * later one can be dropped as soon as it has no chance left. Then they compute in turns, so that what
 * disturbs the machine disturbs all alike.
 */
import type { Graph } from "../graph/types.js";
import { disagreements } from "./agreement.js";
import { type Candidate, timeText } from "./candidate.js";
import { within } from "./patience.js";
import { Refusal, type Runner } from "./runner.js";

export interface RaceOptions {
  readonly graph: Graph;
  /**
   * Milliseconds that may pass after the first candidate is ready; unless given, each other one has a share of
   * what the best so far needs for all.
   */
  readonly budgetMs: number | undefined;
  readonly onProgress?: ((what: string) => void) | undefined;
}

export interface RaceResult {
  readonly winner: Runner | undefined;
  /** Of all runners but the winner, in no particular order. */
  readonly others: readonly Candidate[];
  /** Closes what was dropped while still busy. */
  readonly cleanUp: Promise<unknown>;
}

/**
 * Unless a budget is given, a candidate may take this share of the best total so far to get ready, within these
 * limits. A GPU may be many times faster than the others once it is, and its driver takes its time.
 */
const READY_SHARE: Readonly<Record<Runner["kind"], number>> = {
  gpu: 0.5,
  "software-gpu": 0.1,
  wasm: 0.1,
  cpu: 0.1,
};
const LEAST_READY_MS = 1000;
const MOST_READY_MS = 10_000;
/** Milliseconds of one sample, about. */
const SAMPLE_MS = 15;
const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 9;
/** Of the best total, what the rounds may take, within these limits. */
const TIMING_SHARE = 0.02;
const LEAST_TIMING_MS = 200;
const MOST_TIMING_MS = 1000;
/** Whoever is this many times slower in its best sample than the leader is not sampled again. */
const HOPELESS = 1.5;

class Dropped extends Error {}

export async function race(runners: readonly Runner[], options: RaceOptions): Promise<RaceResult> {
  const others: Candidate[] = [];
  const closing: Promise<unknown>[] = [];
  const leave = (runner: Runner, outcome: "refused" | "dropped", reason: string) => {
    others.push({ ...described(runner), outcome, reason, ...figuresOf(runner) });
    closing.push(runner.close());
  };
  let ready: Runner[] = [];
  let deadline = Number.POSITIVE_INFINITY;

  for (const runner of runners) {
    const best = leaderOf(ready);
    options.onProgress?.(`trying ${runner.name}`);
    try {
      if (best === undefined) await runner.prepare(options.graph);
      else await prepareInTime(runner, best, options, deadline);
      await warmUp(runner, best);
      ready.push(runner);
    } catch (error) {
      if (error instanceof Dropped) leave(runner, "dropped", error.message);
      else if (error instanceof Refusal) leave(runner, "refused", error.message);
      else throw error;
    }
    if (options.budgetMs !== undefined && deadline === Number.POSITIVE_INFINITY && ready[0]) {
      deadline = performance.now() + options.budgetMs;
    }
  }

  const against = await disagreements(ready);
  for (const [index, runner] of ready.entries()) {
    if (against[index] !== undefined) leave(runner, "refused", against[index]);
  }
  ready = ready.filter((_, index) => against[index] === undefined);

  if (ready.length > 1) options.onProgress?.(`timing ${ready.map(({ name }) => name).join(", ")}`);
  const lost = await takeTurns(ready, deadline);
  for (const [runner, reason] of lost) leave(runner, "refused", reason);
  ready = ready.filter((runner) => !lost.has(runner));

  const winner = leaderOf(ready);
  for (const runner of ready) {
    if (runner === winner) continue;
    const outcome = "slower" as const;
    others.push({ ...described(runner), outcome, reason: timesText(runner), ...figuresOf(runner) });
    closing.push(runner.close());
  }
  winner?.release();
  return { winner, others, cleanUp: Promise.all(closing) };
}

/** @throws Dropped when it cannot win any more, or is not ready in time; Refusal */
async function prepareInTime(
  runner: Runner,
  best: Runner,
  { graph, budgetMs }: RaceOptions,
  deadline: number,
): Promise<void> {
  const bestTotalMs = best.figures.totalMs;
  const share = clamp(bestTotalMs * READY_SHARE[runner.kind], LEAST_READY_MS, MOST_READY_MS);
  const allowedMs = budgetMs === undefined ? share : Math.max(0, deadline - performance.now());
  const preparing = runner.prepare(graph);
  await within(preparing, Math.min(allowedMs, bestTotalMs), () => {
    const { spentMs, stage } = runner;
    const limit =
      budgetMs === undefined
        ? `it had ${timeText(allowedMs)} to get ready`
        : `the race may take ${timeText(budgetMs)}`;
    const reason = spentMs >= bestTotalMs ? "" : `${limit}, and `;
    const needs = `${best.name} needs ${timeText(bestTotalMs)} for all of it`;
    return new Dropped(`after ${timeText(spentMs)} it was still ${stage}; ${reason}${needs}`);
  });
}

/** @throws Dropped when its first step shows that it cannot win; Refusal */
async function warmUp(runner: Runner, best: Runner | undefined): Promise<void> {
  if (best && runner.leastTotalMs > best.figures.totalMs) {
    const least = `${timeText(runner.leastTotalMs)} at the least, by its first step of ${timeText(runner.first.milliseconds)}`;
    throw new Dropped(`${least}; ${best.name} needs ${timeText(best.figures.totalMs)}`);
  }
  await runner.sample(stepsFor(runner.first.milliseconds, runner), false);
  await runner.sample(stepsFor(runner.first.milliseconds, runner));
}

/** Rounds of samples. @returns those that turned out wrong, with the reason */
async function takeTurns(
  ready: readonly Runner[],
  deadline: number,
): Promise<ReadonlyMap<Runner, string>> {
  const lost = new Map<Runner, string>();
  let running = [...ready];
  const first = leaderOf(running);
  if (first === undefined) return lost;
  const timingMs = clamp(first.figures.totalMs * TIMING_SHARE, LEAST_TIMING_MS, MOST_TIMING_MS);
  const end = Math.min(Math.max(deadline, performance.now()), performance.now() + timingMs);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const leader = leaderOf(running) as Runner;
    running = running.filter(
      (one) => one === leader || one.leastTotalMs < HOPELESS * leader.figures.totalMs,
    );
    if (running.length < 2 || (round >= LEAST_ROUNDS && performance.now() > end)) break;
    // Every other round the other way round: who comes second finds the machine warmer.
    const order = round % 2 === 0 ? running : [...running].reverse();
    for (const runner of order) {
      try {
        await runner.sample(stepsFor(runner.leastStepMs, runner));
      } catch (error) {
        lost.set(runner, (error as Error).message);
      }
    }
    running = running.filter((runner) => !lost.has(runner));
    if (running.length === 0) break;
  }
  const others = ready.filter((runner) => !lost.has(runner));
  const wrong = await notFinite(others);
  for (const [runner, reason] of wrong) lost.set(runner, reason);
  return lost;
}

/**
 * Steps whose loss is not finite speak against a device only when another one got past them, or when it came back
 * from them by itself: the user's own settings may well make training diverge.
 */
async function notFinite(runners: readonly Runner[]): Promise<ReadonlyMap<Runner, string>> {
  const found = new Map<Runner, string>();
  const doubtful = new Map<Runner, string>();
  for (const runner of runners) {
    try {
      const bad = await runner.firstNotFinite();
      if (bad === undefined) continue;
      const reason = `the loss or the gradient of step ${bad.step} is not finite`;
      (bad.recovered ? found : doubtful).set(runner, reason);
    } catch (error) {
      found.set(runner, (error as Error).message);
    }
  }
  const fine = runners.length - found.size - doubtful.size;
  if (fine > 0) for (const [runner, reason] of doubtful) found.set(runner, reason);
  return found;
}

function leaderOf(runners: readonly Runner[]): Runner | undefined {
  return runners.reduce<Runner | undefined>(
    (best, one) => (best && best.figures.totalMs <= one.figures.totalMs ? best : one),
    undefined,
  );
}

function stepsFor(stepMs: number, { mostSteps }: Runner): number {
  return clamp(Math.round(SAMPLE_MS / stepMs), 1, mostSteps);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function described({ name, hint }: Runner): Pick<Candidate, "name" | "hint"> {
  return { name, ...(hint === undefined ? {} : { hint }) };
}

function figuresOf(runner: Runner): Pick<Candidate, "figures"> {
  return runner.ready ? { figures: runner.figures } : {};
}

/** "2.4 ms a step after 100 ms to open and compile, 24 s in all" */
export function timesText({ figures }: Runner): string {
  const { openMs, compileMs, stepMs = Number.NaN, totalMs } = figures;
  const start = timeText(openMs + compileMs);
  return `${timeText(stepMs)} a step after ${start} to open and compile, ${timeText(totalMs)} in all`;
}
