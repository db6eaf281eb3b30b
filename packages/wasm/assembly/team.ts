// Threads that wait for one another on a few words of shared memory.
//
// They spin for about 50 µs, since most waits are shorter than falling asleep, and then sleep: on a
// machine with fewer cores than threads a spinning thread would keep the one it waits for from
// running. A build without threads never calls any of this.

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

/** Looks at the word before a thread sleeps: about 50 µs. */
const SPINS = 200_000;

/** Returns when all threads have called it as often as this one. What they wrote is then visible. */
export function meet(team: usize, threads: i32): void {
  if (ASC_FEATURE_THREADS) {
    const generation = atomic.load<i32>(team, GENERATION);
    if (atomic.add<i32>(team, 1, ARRIVED) == threads - 1) {
      atomic.store<i32>(team, 0, ARRIVED);
      change(team, GENERATION);
    } else {
      waitForChange(team, GENERATION, generation);
    }
  }
}

/** Wakes helpers for the next piece of work. */
export function announceWork(team: usize): void {
  if (ASC_FEATURE_THREADS) change(team, WORK_NUMBER);
}

/** Returns the number of a piece of work other than `known`, when there is one. */
export function waitForWork(team: usize, known: i32): i32 {
  if (ASC_FEATURE_THREADS) {
    waitForChange(team, WORK_NUMBER, known);
    return atomic.load<i32>(team, WORK_NUMBER);
  }
  return known;
}

// @ts-ignore: decorator
@inline
function change(team: usize, word: usize): void {
  if (ASC_FEATURE_THREADS) {
    atomic.add<i32>(team + word, 1);
    // A thread counts itself among the sleepers before its last look at the word.
    if (atomic.load<i32>(team, SLEEPERS) > 0) atomic.notify(team + word, -1);
  }
}

function waitForChange(team: usize, word: usize, known: i32): void {
  if (ASC_FEATURE_THREADS) {
    for (let spin = 0; spin < SPINS; spin++) {
      if (atomic.load<i32>(team + word) != known) return;
    }
    atomic.add<i32>(team, 1, SLEEPERS);
    while (atomic.load<i32>(team + word) == known) sleep(team + word, known);
    atomic.sub<i32>(team, 1, SLEEPERS);
  }
}
