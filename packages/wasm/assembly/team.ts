// Threads that wait for one another on a few words of shared memory.
//
// They spin for about 50 µs, since most waits are shorter than falling asleep, and then sleep: on a
// machine with fewer cores than threads a spinning thread would keep the one it waits for from
// running. A build without threads never calls any of this.
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

/** Each word lies on a cache line of its own. */
const GENERATION: usize = 0;
const ARRIVED: usize = 64;
const SLEEPERS: usize = 128;
const WORK_NUMBER: usize = 192;
/** Bytes of these words; what the team is to run lies behind them. */
export const THREADS_BYTES: usize = 256;

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
      change(team, GENERATION);
    } else {
      if (waitForChange(team, GENERATION, generation) & BROKEN) unreachable();
    }
  }
}

/** Wakes helpers for the next piece of work. */
export function announceWork(team: usize): void {
  if (ASC_FEATURE_THREADS) change(team, WORK_NUMBER);
}

/** Returns the number of a piece of work other than `known`, when there is one. */
export function waitForWork(team: usize, known: i32): i32 {
  if (ASC_FEATURE_THREADS) return waitForChange(team, WORK_NUMBER, known);
  return known;
}

/** Whether the number of a piece of work says that there will be none. */
export function isBroken(workNumber: i32): bool {
  return (workNumber & BROKEN) != 0;
}

// @ts-ignore: decorator
@inline
function change(team: usize, word: usize): void {
  if (ASC_FEATURE_THREADS) {
    atomic.add<i32>(team + word, NEXT);
    // A thread counts itself among the sleepers before its last look at the word.
    if (atomic.load<i32>(team, SLEEPERS) > 0) atomic.notify(team + word, -1);
  }
}

/** Returns what the word has become. */
function waitForChange(team: usize, word: usize, known: i32): i32 {
  let found = known;
  if (ASC_FEATURE_THREADS) {
    for (let spin = 0; spin < SPINS; spin++) {
      found = atomic.load<i32>(team + word);
      if (found != known) return found;
    }
    atomic.add<i32>(team, 1, SLEEPERS);
    while (true) {
      found = atomic.load<i32>(team + word);
      if (found != known) break;
      sleep(team + word, known);
    }
    atomic.sub<i32>(team, 1, SLEEPERS);
  }
  return found;
}
