/** Whether what a command will write can be written: asked before the work, not after it. */
import { access, constants, lstat, mkdir, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { HoneError } from "@hone/core";
import { destinationOf } from "./destination.js";
import { cannotWrite } from "./file-fault.js";
import { withPartialFile } from "./partial-files.js";
import { checkDescriptor, openPipe } from "./write-into.js";

/** Pipes that are open since they were asked for: who reads a pipe takes its closing for the end. */
const heldPipes = new Map<string, number>();

/** The pipe that `checkFileWritable` opened; it is the caller's from now on. */
export function heldPipe(file: string): number | undefined {
  const descriptor = heldPipes.get(file);
  heldPipes.delete(file);
  return descriptor;
}

/** @throws BadArgument unless a file of that name could be written; leaves nothing behind. */
export async function checkFileWritable(file: string): Promise<void> {
  try {
    const destination = await destinationOf(file);
    if (destination.kind === "descriptor") {
      checkDescriptor(destination.descriptor);
    } else if (destination.kind === "pipe") {
      if (heldPipes.has(destination.path)) return;
      heldPipes.set(destination.path, await openPipe(destination.path));
    } else {
      const isNew = destination.kind === "file" && destination.mode === undefined;
      if (!isNew) await access(destination.path, constants.W_OK);
      if (destination.kind === "file") await tryFolder(path.dirname(destination.path));
    }
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** @throws BadArgument unless files could be written into the folder, made first where it is not there. */
export async function checkFolderWritable(folder: string): Promise<void> {
  try {
    await tryFolder(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

async function tryFolder(folder: string): Promise<void> {
  let ancestor = path.resolve(folder);
  let existing = await statOrUndefined(ancestor);
  while (existing === undefined && ancestor !== path.dirname(ancestor)) {
    await checkNoLink(ancestor);
    ancestor = path.dirname(ancestor);
    existing = await statOrUndefined(ancestor);
  }
  if (existing !== undefined && !existing.isDirectory()) {
    const what = `it cannot be written: ${ancestor} is a file. Give another folder.`;
    throw new HoneError("BadArgument", folder, what);
  }
  // Asking for permission is not enough: a full disk or a special file system shows only when used.
  await withPartialFile(ancestor, 0o600, (handle) => handle.writeFile("hone"));
}

/** @throws BadArgument for a link to nothing, where no folder can be made */
async function checkNoLink(place: string): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  if (!found?.isSymbolicLink()) return;
  const what =
    "it is a link, and what it leads to is not there. Make that folder, or give another.";
  throw new HoneError("BadArgument", place, what);
}

/** @throws BadArgument when the folder's disk has less room than that. Makes the folder. */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, blocks, bsize } = await statfs(folder);
    // A file system that counts no blocks does not tell.
    if (blocks === 0 || bavail * bsize >= bytes) return;
    const megabytes = (count: number) => (count / 1e6).toFixed(1);
    const what = `its disk has room for ${megabytes(bavail * bsize)} MB, and ${megabytes(bytes)} MB will be written. Make room, or give another folder.`;
    throw new HoneError("BadArgument", folder, what);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/** Undefined for what is not there. @throws the system's other errors, such as a name that is too long */
async function statOrUndefined(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
