/**
 * How much of the processor others used. A busy second core, even at the lowest priority, slows a runtime of
 * two threads to a third, since its threads wait for each other, and one thread hardly at all: it favours
 * whoever computes on one. So a record says it of every run.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** Linux counts time in hundredths of a second there, on every architecture. */
const ticksPerSecond = 100;

interface Times {
  readonly atSeconds: number;
  readonly othersSeconds: number;
}

/** Of a process: who its parent is, and its ticks, those of its ended children included. */
function readProcess(pid: string) {
  try {
    // After the name, which may hold spaces: state, parent, … own user and system time, the children's.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined; // It has just ended, and its parent has its ticks.
  }
}

/** Processor time so far of all but this process and its descendants, and what the host took away. */
export function readTimes(): Times | undefined {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const known = new Map(pids.map((pid) => [Number(pid), readProcess(pid)]));
    const isOurs = (pid: number) => {
      for (let at = pid; at > 0; at = known.get(at)?.parent ?? 0) {
        if (at === process.pid) return true;
      }
      return false;
    };
    const stolen = readFileSync("/proc/stat", "utf8").split("\n")[0]?.split(/\s+/)[8];
    let ticks = Number(stolen ?? 0);
    for (const [pid, each] of known) if (each !== undefined && !isOurs(pid)) ticks += each.ticks;
    return { atSeconds: performance.now() / 1000, othersSeconds: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
}

/** Cores' worth of time that others used since; undefined where it cannot be told. */
export function shareSince(before: Times | undefined): number | undefined {
  const now = readTimes();
  if (before === undefined || now === undefined) return undefined;
  const seconds = Math.max(now.atSeconds - before.atSeconds, 1e-3);
  return Math.max(0, (now.othersSeconds - before.othersSeconds) / seconds);
}

/** Up to this a run counts as undisturbed, in cores. */
export const allowedShare = 0.1;
const longestWaitMs = 120_000;

/** Waits until others use little, or two minutes. @throws what `signal` was aborted with */
export async function waitForQuiet(signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + longestWaitMs;
  for (;;) {
    signal.throwIfAborted();
    const before = readTimes();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const share = shareSince(before);
    if (share === undefined || share <= allowedShare || performance.now() > deadline) return;
  }
}
