/**
 * Keeps other programs out of the figures.
 *
 * A busy second core, even with the lowest priority, slows a runtime of two threads to a third, since its
 * threads wait for each other, and one thread hardly at all: it would favour whoever computes on one. So
 * a run is taken again when others used the processor meanwhile. What decides is their time alone,
 * never the figure, and it decides for Hone and rivals alike.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Cores' worth of time that others may use during a run. */
const allowedShare = 0.1;
const mostTries = 4;
const longestWaitSeconds = 120;

/** Linux counts time in hundredths of a second there, on every architecture. */
const ticksPerSecond = 100;

/** Of a process: who its parent is, and its ticks, those of its ended children included. */
function readProcess(folder) {
  try {
    // After the name, which may hold spaces: state, parent, … own user and system time, the children's.
    const text = readFileSync(`/proc/${folder}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined; // It has just ended, and its parent has its ticks.
  }
}

/**
 * Seconds of processor time so far of all processes but this one and its descendants, and what the
 * host took away.
 */
export function readTimes() {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const known = new Map(pids.map((pid) => [Number(pid), readProcess(pid)]));
    const isOurs = (pid) => {
      for (let at = pid; at > 0; at = known.get(at)?.parent ?? 0)
        if (at === process.pid) return true;
      return false;
    };
    const stolen = Number(readFileSync("/proc/stat", "utf8").split("\n")[0].split(/\s+/)[8]);
    let ticks = stolen;
    for (const [pid, each] of known) if (each !== undefined && !isOurs(pid)) ticks += each.ticks;
    return { at: performance.now() / 1000, others: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
}

/** Cores' worth of time that others used since `before`; undefined where it cannot be told. */
export function shareSince(before) {
  const now = readTimes();
  if (before === undefined || now === undefined) return undefined;
  return Math.max(0, (now.others - before.others) / (now.at - before.at));
}

async function waitForQuiet() {
  const deadline = performance.now() + 1000 * longestWaitSeconds;
  for (;;) {
    const before = readTimes();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const share = shareSince(before);
    if (share === undefined || share <= allowedShare || performance.now() > deadline) return;
  }
}

const tally = {
  runs: 0,
  retaken: 0,
  disturbed: 0,
  worstShareKept: 0,
  watched: readTimes() !== undefined,
};

/** What happened so far: for the record, so that a reader can judge the figures. */
export function quietRecord() {
  return { ...tally, allowedShare };
}

/**
 * Runs `run` on a quiet machine, again where it was not; after some tries, the quietest is kept.
 * @param run gives a figure; or `{ figure, othersShare }` where it knows by itself what others used, as a
 * browser's run must: once closed, its processes belong to the system and would count as others
 */
export async function onQuietMachine(run, say) {
  tally.runs++;
  let kept;
  for (let tries = 1; tries <= mostTries; tries++) {
    await waitForQuiet();
    const before = readTimes();
    const result = await run();
    const figure = result.figure ?? result;
    const share = result.othersShare ?? shareSince(before) ?? 0;
    if (kept === undefined || share < kept.share) kept = { figure, share };
    if (share <= allowedShare) break;
    if (tries < mostTries) tally.retaken++;
    say(`others used ${share.toFixed(2)} cores: ${tries < mostTries ? "taken again" : "kept"}`);
  }
  if (kept.share > allowedShare) tally.disturbed++;
  tally.worstShareKept = Math.max(tally.worstShareKept, kept.share);
  return kept.figure;
}
