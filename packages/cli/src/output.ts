/**
 * Files that appear whole or not at all: written under another name, then renamed.
 *
 * A model is several files, and only a single rename is atomic. So weights always get names that are
 * not in use, and the rename of model.json, which names them, is the moment of change.
 */
import { rmSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { HoneError, visibleLines } from "@hone/core";

/** Files that mean nothing yet; an exit in the middle of writing removes them. */
const unfinished = new Set<string>();
process.on("exit", () => {
  for (const file of unfinished) rmSync(file, { force: true });
});

/**
 * Writes a file in place of what had its name. Text is text that a terminal can show: names from files of
 * others may hold control sequences, which are written out (JSON means the same after it).
 * @throws BadArgument naming the file and the system's reason; what was there is still there.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const partial = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.partial`);
  unfinished.add(partial);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(partial, "w");
    try {
      await handle.writeFile(typeof content === "string" ? visibleLines(content) : content);
      // A power cut after the rename must not find an empty file under the new name.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw cannotWrite(file, error);
  } finally {
    unfinished.delete(partial);
  }
}

/** @throws BadArgument unless a file of that name could be written; leaves nothing behind. */
export async function checkFileWritable(file: string): Promise<void> {
  const existing = await statOrUndefined(file);
  if (existing?.isDirectory()) {
    throw new HoneError("BadArgument", file, "it is a folder. Give the name of a file.");
  }
  await checkFolderWritable(path.dirname(file));
}

/** @throws BadArgument when the results would take the place of the model, or of its folder. */
export function checkResultsApart(results: string, folder: string): void {
  const from = path.relative(folder, results);
  if (!/^(|model\.json|report\.(txt|html)|[^/\\]*\.bin)$/.test(from)) return;
  const what = from === "" ? "it is the folder of the model" : `the model in ${folder} needs it`;
  throw new HoneError("BadArgument", results, `${what}. Give the results another name.`);
}

/** @throws BadArgument unless files could be written into the folder, made first where it is not there. */
export async function checkFolderWritable(folder: string): Promise<void> {
  let ancestor = path.resolve(folder);
  let existing = await statOrUndefined(ancestor);
  while (existing === undefined && ancestor !== path.dirname(ancestor)) {
    ancestor = path.dirname(ancestor);
    existing = await statOrUndefined(ancestor);
  }
  if (existing !== undefined && !existing.isDirectory()) {
    const what = `it cannot be written: ${ancestor} is a file. Give another folder.`;
    throw new HoneError("BadArgument", folder, what);
  }
  // Asking for permission is not enough: a full disk or a special file system shows only when used.
  const probe = path.join(ancestor, `.hone.${process.pid}.partial`);
  unfinished.add(probe);
  try {
    await writeFile(probe, "hone");
  } catch (error) {
    throw cannotWrite(folder, error);
  } finally {
    await rm(probe, { force: true });
    unfinished.delete(probe);
  }
}

const weightFile = /^group\d+-shard\d+of\d+\.bin$/;

/** A start for the names of weight files that no file in the folder has. */
export async function freeStem(folder: string): Promise<string> {
  const names = await listFiles(folder);
  for (let number = 1; ; number++) {
    if (!names.some((name) => name.startsWith(`group${number}-`))) return `group${number}`;
  }
}

/**
 * Puts a model's files into a folder: weights first, under names from `freeStem`; then `model.json`;
 * then the weight files that it no longer names are removed.
 * @throws BadArgument; the model that was there before is then still whole.
 */
export async function writeModelFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const before = await namedWeightFiles(folder);
  const { "model.json": json, ...weights } = files;
  if (json === undefined) throw new HoneError("Internal", folder, "a model without model.json.");
  const fresh = Object.keys(weights).map((name) => path.join(folder, name));
  try {
    for (const [name, bytes] of Object.entries(weights)) {
      const file = path.join(folder, name);
      unfinished.add(file);
      await writeWhole(file, bytes);
    }
    await writeWhole(path.join(folder, "model.json"), json);
  } catch (error) {
    for (const file of fresh) await rm(file, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    for (const file of fresh) unfinished.delete(file);
  }
  for (const name of before) {
    if (!(name in weights)) await rm(path.join(folder, name), { force: true });
  }
}

/** The weight files, by our own naming, that the folder's model.json speaks of. */
async function namedWeightFiles(folder: string): Promise<readonly string[]> {
  try {
    const text = await readFile(path.join(folder, "model.json"), "utf8");
    const names = (await listFiles(folder)).filter((name) => weightFile.test(name));
    return names.filter((name) => text.includes(`"${name}"`));
  } catch {
    return [];
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function statOrUndefined(file: string) {
  return stat(file).catch(() => undefined);
}

function cannotWrite(file: string, cause: unknown): HoneError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = reasons[code ?? ""] ?? message;
  return new HoneError(
    "BadArgument",
    file,
    `it cannot be written: ${reason}. Give another place.`,
    {
      cause,
    },
  );
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a part of its path is a file",
  ENAMETOOLONG: "the name is too long",
  EISDIR: "it is a folder",
};
