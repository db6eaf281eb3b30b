// A helper thread's life: wait for work, do one's share, until told to stop.
import { runShare, Work } from "./run";
import { announceWork, isBroken, WORK, waitForWork } from "./team";

/** Never returns before the host announces work of no calls at all, or the team is broken. */
export function help(team: usize, thread: i32): void {
  const work = changetype<Work>(team + WORK);
  let known = 0;
  while (true) {
    known = waitForWork(team, thread, known);
    if (isBroken(known) || work.calls == 0) return;
    runShare(work, team, thread);
  }
}

/** Called by the host: wakes the helpers, does its own share, and returns when all are done. Traps when one is not. */
export function runWork(team: usize): void {
  const work = changetype<Work>(team + WORK);
  announceWork(team, work.threads);
  runShare(work, team, 0);
}

/** Called by the host: all helpers return. */
export function dismiss(team: usize, threads: i32): void {
  changetype<Work>(team + WORK).calls = 0;
  announceWork(team, threads);
}
