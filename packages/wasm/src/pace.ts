/**
 * On how many threads an entry runs fastest, found out while it runs.
 *
 * A team is as fast as its slowest thread: where another program has a processor, or the page's own thread is busy,
 * fewer threads are faster. Nothing says so but the time that steps take. Results have the same bits on any number of
 * threads, so a run may change its mind: now and then some steps run on another number, and what proves faster stays.
 * A trial that goes badly ends after a few milliseconds, and one that goes well has to prove itself for longer. What
 * trials lose is paid from a small part of the time that went before.
 */
import type { Pace, RunOnThreads } from "./team.js";

/** Steps run in slices of about this long, so that a change is seen soon; those of a trial in shorter ones. */
const SLICE_MS = 20;
const TRIAL_SLICE_MS = 3;
/** A trial that is slower ends after this long; one that is faster is believed after that. */
const REFUSED_MS = 6;
const PROVEN_MS = 40;
/** More threads must be so much faster; fewer need only be as fast, since others have a use for processors. */
const WORTH_MORE = 0.93;
/** Steps that take so many times as long as they did are a reason to look around at once. */
const SLOWED = 1.25;
/** Between trials that change nothing: longer each time. */
const FIRST_PAUSE_MS = 120;
const LAST_PAUSE_MS = 1000;
/** Of all time that may be lost in trials; and what may be at first. */
const PART_FOR_TRIALS = 0.02;
const FIRST_PURSE_MS = 10;
/** Steps from before the last so many milliseconds hardly count. */
const REMEMBERED_MS = 60;
/** An entry that has tried nothing for so long does as the team's others. */
const FOLLOWS_AFTER_MS = 2000;

/** What the entries of one team tell each other: the number that last proved faster for one of them, and when. */
export class Lately {
  threads: number;
  sinceMs = Number.NEGATIVE_INFINITY;

  constructor(threads: number) {
    this.threads = threads;
  }
}

/** How long steps take on one number of threads. */
class Timing {
  readonly threads: number;
  ms = 0;
  #steps = 0;

  constructor(threads: number) {
    this.threads = threads;
  }

  /** 0 while nothing is known. */
  get msPerStep(): number {
    return this.#steps && this.ms / this.#steps;
  }

  add(ms: number, steps: number): void {
    this.ms += ms;
    this.#steps += steps;
    if (this.ms > 2 * REMEMBERED_MS) {
      this.ms /= 2;
      this.#steps /= 2;
    }
  }
}

export class FoundPace implements Pace {
  readonly taken: number[];
  readonly #all: number;
  readonly #lately: Lately;
  readonly #run: RunOnThreads;
  readonly #now: () => number;
  #current: Timing;
  #trial: Timing | undefined;
  #lostMs = 0;
  /** The next step wakes threads and finds caches empty, and so is no measure. */
  #isCold = true;
  /** What a step took when nothing else was faster. */
  #expectedMs = Number.POSITIVE_INFINITY;
  #isGrowing = false;
  /** Still to be tried before any is tried again. */
  #candidates: number[] = [];
  #triedMs = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;
  #purseMs = FIRST_PURSE_MS;

  constructor(
    threads: number,
    lately: Lately,
    run: RunOnThreads,
    now: () => number = () => performance.now(),
  ) {
    this.taken = new Array(threads).fill(0);
    this.#all = threads;
    this.#lately = lately;
    this.#run = run;
    this.#now = now;
    this.#current = new Timing(Math.min(threads, lately.threads));
  }

  get threads(): number {
    return this.#current.threads;
  }

  run(first: number, steps: number): void {
    if (this.#all === 1) {
      this.#take(1, first, steps);
      return;
    }
    let nowMs = this.#now();
    this.#follow(nowMs);
    for (let done = 0; done < steps; ) {
      this.#trial ??= this.#trialAt(nowMs);
      const count = Math.min(steps - done, this.#sliceSteps());
      this.#take((this.#trial ?? this.#current).threads, first + done, count);
      done += count;
      const beganMs = nowMs;
      nowMs = this.#now();
      this.#note(nowMs - beganMs, count, nowMs);
    }
  }

  #take(threads: number, first: number, steps: number): void {
    this.#run(threads, first, steps);
    this.taken[threads - 1] = (this.taken[threads - 1] as number) + steps;
  }

  #follow(nowMs: number): void {
    const { threads, sinceMs } = this.#lately;
    const isSettled = sinceMs <= this.#triedMs || nowMs - this.#triedMs < FOLLOWS_AFTER_MS;
    if (!isSettled && !this.#trial && threads !== this.threads) this.#settleOn(new Timing(threads));
  }

  #sliceSteps(): number {
    const sliceMs = this.#trial ? TRIAL_SLICE_MS : SLICE_MS;
    const { msPerStep } = this.#trial ?? this.#current;
    return Math.max(1, this.#isCold || msPerStep === 0 ? 1 : Math.floor(sliceMs / msPerStep));
  }

  #trialAt(nowMs: number): Timing | undefined {
    const { threads, ms, msPerStep } = this.#current;
    if (ms < SLICE_MS) return undefined;
    const isSlowed = msPerStep > SLOWED * this.#expectedMs;
    if (isSlowed) {
      this.#isGrowing = false;
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#candidates = [];
    } else if (nowMs - this.#triedMs < this.#pauseMs) return undefined;
    if (this.#candidates.length === 0) this.#candidates = this.#others();
    const next = this.#candidates[0] as number;
    const timesWorse = Math.max(next / threads, threads / next);
    const riskMs = (timesWorse - 1) * Math.max(2 * msPerStep, REFUSED_MS);
    if (this.#purseMs < (isSlowed ? 0 : riskMs)) return undefined;
    this.#candidates.shift();
    this.#isCold = true;
    this.#lostMs = 0;
    return new Timing(next);
  }

  /** Other numbers, the likelier first. */
  #others(): number[] {
    const { threads } = this;
    const more = [2 * threads, threads + 1];
    const fewer = [threads - 1, threads >> 1, 1];
    const all = this.#isGrowing ? [...more, ...fewer] : [...fewer, ...more];
    return [...new Set(all)].filter((n) => n > 0 && n <= this.#all && n !== threads);
  }

  #note(ms: number, steps: number, nowMs: number): void {
    this.#purseMs += PART_FOR_TRIALS * ms;
    const measured = this.#trial ?? this.#current;
    if (!this.#isCold) measured.add(ms, steps);
    this.#isCold = false;
    if (this.#trial) {
      this.#lostMs += ms - steps * this.#current.msPerStep;
      this.#judge(this.#trial, nowMs);
    } else if (measured.ms >= REMEMBERED_MS) {
      this.#expectedMs = Math.min(this.#expectedMs, measured.msPerStep);
    }
  }

  #judge(trial: Timing, nowMs: number): void {
    const { threads, msPerStep } = this.#current;
    const isMore = trial.threads > threads;
    const isFaster = trial.msPerStep <= msPerStep * (isMore ? WORTH_MORE : 1);
    if (trial.ms < (isFaster ? PROVEN_MS : REFUSED_MS)) return;
    this.#trial = undefined;
    this.#triedMs = nowMs;
    this.#purseMs -= Math.max(0, this.#lostMs);
    if (isFaster) {
      this.#isGrowing = isMore;
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#settleOn(trial);
      this.#lately.threads = trial.threads;
      this.#lately.sinceMs = nowMs;
    } else {
      this.#isCold = true;
      this.#pauseMs = Math.min(2 * this.#pauseMs, LAST_PAUSE_MS);
      this.#expectedMs = msPerStep;
    }
  }

  #settleOn(timing: Timing): void {
    this.#current = timing;
    this.#candidates = [];
    this.#isCold = timing.ms === 0;
    this.#expectedMs = timing.msPerStep || Number.POSITIVE_INFINITY;
  }
}
