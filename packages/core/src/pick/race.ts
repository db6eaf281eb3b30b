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
import type { Work } from "./work.js";

export interface RaceOptions {
  readonly work: Work;
  /** Its step in primitive ops. */
  readonly graph: Graph;
  /** When all must be over, and in how many milliseconds that was; unless given, each has a share of what the best needs. */
  readonly deadline: Deadline | undefined;
  /** Works already and is never closed here: its program is freed, whatever becomes of it. */
  readonly inUse?: Runner | undefined;
  /** Milliseconds of work from which others are looked at. */
  readonly leastMs?: number;
  /** Takes times when the devices do nothing else; at once unless given. */
  readonly atRest?: <T>(task: () => Promise<T>) => Promise<T>;
  readonly onProgress?: ((what: string) => void) | undefined;
}

export interface Deadline {
  /** As `performance.now()` counts. */
  readonly atMs: number;
  readonly budgetMs: number;
}

export interface RaceResult {
  /** Those that compute right and were timed, the one with the least total first. All are open, and hold their programs. */
  readonly ready: readonly Runner[];
  /** What became of all others, in no particular order. */
  readonly lost: readonly Candidate[];
  /** Those of them that have computed wrong. */
  readonly wrong: readonly Runner[];
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

/** @param runners those that are ready soonest first */
export async function race(runners: readonly Runner[], options: RaceOptions): Promise<RaceResult> {
  const { deadline, inUse, leastMs = 0, atRest = (task) => task() } = options;
  const lost: Candidate[] = [];
  const wrong: Runner[] = [];
  const closing: Promise<unknown>[] = [];
  const leave = (runner: Runner, outcome: Candidate["outcome"], reason: string) => {
    lost.push({ ...described(runner), outcome, reason, ...figuresOf(runner) });
    if (runner === inUse) runner.release();
    else closing.push(runner.close());
  };
  let ready: Runner[] = [];

  for (const runner of runners) {
    const best = leaderOf(ready);
    if (best && best.figures.totalMs < leastMs) {
      const needs = `${best.name} needs only ${timeText(best.figures.totalMs)} for all of it`;
      leave(runner, "not needed", needs);
      continue;
    }
    options.onProgress?.(`trying ${runner.name}`);
    try {
      await prepareInTime(runner, best, options);
      await atRest(() => warmUp(runner, best));
      ready.push(runner);
    } catch (error) {
      if (error instanceof Dropped) leave(runner, "dropped", error.message);
      else if (error instanceof Refusal) {
        if (error.isWrong) wrong.push(runner);
        leave(runner, "refused", error.message);
      } else throw error;
    }
  }

  const against = await disagreements(ready);
  for (const [index, runner] of ready.entries()) {
    if (against[index] === undefined) continue;
    wrong.push(runner);
    leave(runner, "refused", against[index]);
  }
  ready = ready.filter((_, index) => against[index] === undefined);

  if (ready.length > 1) options.onProgress?.(`timing ${ready.map(({ name }) => name).join(", ")}`);
  const refused = await atRest(() => takeTurns(ready, deadline));
  for (const [runner, { message, isWrong }] of refused) {
    if (isWrong) wrong.push(runner);
    leave(runner, "refused", message);
  }
  ready = ready.filter((runner) => !refused.has(runner));
  ready.sort((a, b) => a.figures.totalMs - b.figures.totalMs);
  return { ready, lost, wrong, cleanUp: Promise.all(closing) };
}

/** What became of one that was timed, and is not the chosen one. */
export function slower(runner: Runner): Candidate {
  return {
    ...described(runner),
    outcome: "slower",
    reason: timesText(runner),
    ...figuresOf(runner),
  };
}

/** @throws Dropped when it cannot win any more, or is not ready in time; Refusal */
async function prepareInTime(
  runner: Runner,
  best: Runner | undefined,
  { work, graph, deadline }: RaceOptions,
): Promise<void> {
  const preparing = runner.prepare(work, graph);
  const bestMs = best?.figures.totalMs ?? Number.POSITIVE_INFINITY;
  const share = clamp(bestMs * READY_SHARE[runner.kind], LEAST_READY_MS, MOST_READY_MS);
  const leftMs = deadline && Math.max(0, deadline.atMs - performance.now());
  const allowedMs = leftMs ?? (best ? share : bestMs);
  const limitMs = Math.min(allowedMs, bestMs);
  if (limitMs === Number.POSITIVE_INFINITY) return preparing;
  await within(preparing, limitMs, () => {
    const { spentMs, stage } = runner;
    const limit = deadline
      ? `all may take ${timeText(deadline.budgetMs)}`
      : `it had ${timeText(allowedMs)} to get ready`;
    const needs = best && `${best.name} needs ${timeText(bestMs)} for all of it`;
    const reasons = [...(spentMs >= bestMs ? [] : [limit]), ...(needs ? [needs] : [])];
    return new Dropped(
      `after ${timeText(spentMs)} it was still ${stage}; ${reasons.join(", and ")}`,
    );
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

/** Rounds of samples. @returns those that failed or turned out wrong, with the reason */
async function takeTurns(
  ready: readonly Runner[],
  deadline: Deadline | undefined,
): Promise<ReadonlyMap<Runner, Refusal>> {
  const lost = new Map<Runner, Refusal>();
  let running = [...ready];
  const first = leaderOf(running);
  if (first === undefined) return lost;
  const timingMs = clamp(first.figures.totalMs * TIMING_SHARE, LEAST_TIMING_MS, MOST_TIMING_MS);
  const nowMs = performance.now();
  const end = Math.min(Math.max(deadline?.atMs ?? nowMs + timingMs, nowMs), nowMs + timingMs);
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
        lost.set(runner, error as Refusal);
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
async function notFinite(runners: readonly Runner[]): Promise<ReadonlyMap<Runner, Refusal>> {
  const found = new Map<Runner, Refusal>();
  const doubtful = new Map<Runner, Refusal>();
  for (const runner of runners) {
    try {
      const bad = await runner.firstNotFinite();
      if (bad === undefined) continue;
      const what = `the loss or the gradient of step ${bad.step} is not finite`;
      (bad.recovered ? found : doubtful).set(runner, new Refusal(what, { isWrong: true }));
    } catch (error) {
      found.set(runner, error as Refusal);
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
