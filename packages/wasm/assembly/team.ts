// Threads that wait for one another on a few words of shared memory.
//
// They spin for about 50 µs, since most waits are shorter than falling asleep, and then sleep: on a
// machine with fewer free cores than threads a spinning thread keeps the one it waits for from
// running (src/pace.ts then takes fewer). A build without threads never calls any of this.
//
// A thread may fail, and those that wait for it must not wait for ever. The words that they look at
// count in twos, and their lowest bit says that the team is broken (src/team-words.ts sets it): it
// comes with the value that is compared anyway, so that a meeting costs no further look.

/**
 * Sleeps while the word at that address is `known`; the host's Atomics.wait. Not atomic.wait here: in
 * V8 11.3 (Node 20) a function that waits finds its registers changed when it wakes.
 */
// @ts-ignore: decorator
@external("env", "sleep")
declare function sleep(word: usize, known: i32): void;

/** Each word that threads wait for lies on a cache line of its own, and behind it how many sleep for it. */
const GENERATION: usize = 0;
const SLEEPERS: usize = 4;
const ARRIVED: usize = 64;
/** Of what the team is to run. */
export const WORK: usize = 128;
/** Where a helper's number of its last piece of work stands; thread 1 has the second line, and so on. */
const WORK_NUMBERS: usize = 448;
const LINE: usize = 64;

const BROKEN: i32 = 1;
const NEXT: i32 = 2;

/** Looks at the word before a thread sleeps: about 50 µs. */
const SPINS = 200_000;

/** Returns when all threads have called it as often as this one; what they wrote is then visible. Traps in a broken team. */
export function meet(team: usize, threads: i32): void {
  if (ASC_FEATURE_THREADS) {
    const generation = atomic.load<i32>(team, GENERATION);
    if (generation & BROKEN) unreachable();
    if (atomic.add<i32>(team, 1, ARRIVED) == threads - 1) {
      atomic.store<i32>(team, 0, ARRIVED);
      change(team + GENERATION);
    } else {
      if (waitForChange(team + GENERATION, generation) & BROKEN) unreachable();
    }
  }
}

/** Wakes those helpers that the next piece of work is for; the others go on sleeping. */
export function announceWork(team: usize, threads: i32): void {
  if (ASC_FEATURE_THREADS) {
    for (let thread = 1; thread < threads; thread++) change(workNumber(team, thread));
  }
}

/** Returns the number of a piece of work for that thread other than `known`, when there is one. */
export function waitForWork(team: usize, thread: i32, known: i32): i32 {
  if (ASC_FEATURE_THREADS) return waitForChange(workNumber(team, thread), known);
  return known;
}

// @ts-ignore: decorator
@inline
function workNumber(team: usize, thread: i32): usize {
  return team + WORK_NUMBERS + <usize>thread * LINE;
}

/** Whether the number of a piece of work says that there will be none. */
export function isBroken(workNumber: i32): bool {
  return (workNumber & BROKEN) != 0;
}

// @ts-ignore: decorator
@inline
function change(word: usize): void {
  if (ASC_FEATURE_THREADS) {
    atomic.add<i32>(word, NEXT);
    // A thread counts itself among the sleepers before its last look at the word.
    if (atomic.load<i32>(word, SLEEPERS) > 0) atomic.notify(word, -1);
  }
}

/** Returns what the word has become. */
function waitForChange(word: usize, known: i32): i32 {
  let found = known;
  if (ASC_FEATURE_THREADS) {
    for (let look = 0; look < SPINS; look++) {
      found = atomic.load<i32>(word);
      if (found != known) return found;
    }
    atomic.add<i32>(word, 1, SLEEPERS);
    while (true) {
      found = atomic.load<i32>(word);
      if (found != known) break;
      sleep(word, known);
    }
    atomic.sub<i32>(word, 1, SLEEPERS);
  }
  return found;
}
