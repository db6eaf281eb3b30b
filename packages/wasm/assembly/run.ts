// Runs an entry: its calls in order, each by all threads at once.
//
// Every kernel has one signature, `(record, begin, end)`: the address of its arguments, and which of
// the call's units of work are this thread's. What a unit is, the kernel says. Units never depend on
// the number of threads, and no two write the same element; so neither do the bits of a result.
import { meet } from "./team";
import { currentStep, workspace } from "./thread";

/** One call of an entry, in the executable's tables. */
// @ts-ignore: decorator
@unmanaged
class Call {
  /** Where the kernel stands in the function table. */
  kernel: u32;
  record: usize;
  units: i32;
  /** 1 when the threads must meet before the call, because it reads what others wrote. */
  meets: i32;
}

/** What all threads run next; the host writes it. */
// @ts-ignore: decorator
@unmanaged
export class Work {
  calls: usize;
  count: i32;
  firstStep: i32;
  steps: i32;
  /** Threads get a workspace each, side by side. */
  workspaces: usize;
  workspaceBytes: usize;
  /** How many threads do it: the calling one, and the first of the helpers. */
  threads: i32;
}


/** This thread's share of the work. @param team address of the team's memory */
export function runShare(work: Work, team: usize, thread: i32): void {
  const threads = work.threads;
  workspace = work.workspaces + <usize>thread * work.workspaceBytes;
  const end = work.calls + <usize>work.count * offsetof<Call>();
  for (let step = 0; step < work.steps; step++) {
    currentStep = work.firstStep + step;
    for (let at = work.calls; at < end; at += offsetof<Call>()) {
      const call = changetype<Call>(at);
      if (threads > 1 && call.meets) meet(team, threads);
      const begin = <i32>((<i64>call.units * thread) / threads);
      const last = <i32>((<i64>call.units * (thread + 1)) / threads);
      if (begin < last) call_indirect<void>(call.kernel, call.record, begin, last);
    }
  }
  if (threads > 1) meet(team, threads);
}
