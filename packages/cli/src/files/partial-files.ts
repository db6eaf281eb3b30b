/** Files that are not whole yet: their names, and what becomes of those whose process was killed. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { lstat, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { isRunning, thisProcess } from "./processes.js";

/** Of this process; an exit in the middle of writing removes them. */
const unfinished = new Set<string>();
process.on("exit", () => {
  for (const file of unfinished) rmSync(file, { force: true });
});

const partialName = /^\.hone-(\d+)-([\da-f]{8})-[\da-f]{32}\.partial$/;
/** Far longer than any file takes to be written. */
const leftoverMs = 3_600_000;

/**
 * Makes a file of a short name that nobody can guess, so that nobody can have put a link there, and hands it
 * to `fill`; whatever happens, no file of that name is left.
 * @param fill writes, and may rename what it wrote
 */
export async function withPartialFile<Result>(
  folder: string,
  mode: number,
  fill: (handle: Awaited<ReturnType<typeof open>>, file: string) => Promise<Result>,
): Promise<Result> {
  await removeLeftovers(folder);
  const { pid, system } = thisProcess();
  const name = `.hone-${pid}-${system}-${randomBytes(16).toString("hex")}.partial`;
  const file = path.join(folder, name);
  unfinished.add(file);
  try {
    const handle = await open(file, "wx", mode);
    try {
      return await fill(handle, file);
    } finally {
      await handle.close().catch(() => undefined);
    }
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
    unfinished.delete(file);
  }
}

const swept = new Set<string>();

/** Once a folder: removes what processes that were killed in the middle of writing left there. */
async function removeLeftovers(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid, system] = partialName.exec(name) ?? [];
    if (pid === undefined || Number(pid) === process.pid) continue;
    const file = path.join(folder, name);
    const gone = system === thisProcess().system && !isRunning(Number(pid));
    if (gone || (await ageMs(file)) > leftoverMs) {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}

async function ageMs(file: string): Promise<number> {
  const found = await lstat(file).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}
