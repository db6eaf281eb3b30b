// A helper thread's life: wait for work, do one's share, until told to stop.
import { runShare, Work } from "./run";
import { announceWork, isBroken, THREADS_BYTES, waitForWork } from "./team";

/** Never returns before the host announces work of no calls at all, or the team is broken. */
export function help(team: usize, thread: i32, threads: i32): void {
  const work = changetype<Work>(team + THREADS_BYTES);
  let known = 0;
  while (true) {
    known = waitForWork(team, known);
    if (isBroken(known) || work.calls == 0) return;
    runShare(work, team, thread, threads);
  }
}

/** Called by the host: wakes the helpers, does its own share, and returns when all are done. Traps when one is not. */
export function runWork(team: usize, threads: i32): void {
  if (threads > 1) announceWork(team);
  runShare(changetype<Work>(team + THREADS_BYTES), team, 0, threads);
}

/** Called by the host: the helpers return. */
export function dismiss(team: usize): void {
  changetype<Work>(team + THREADS_BYTES).calls = 0;
  announceWork(team);
}
