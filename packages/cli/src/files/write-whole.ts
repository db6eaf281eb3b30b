/**
 * The one place through which files come into being, whole or not at all: written under another name, synced,
 * then renamed.
 */
import { mkdir, open, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { visibleLines } from "@hone/core";
import { type Destination, destinationOf } from "./destination.js";
import { cannotWrite } from "./file-fault.js";
import { withPartialFile } from "./partial-files.js";
import { heldPipe } from "./writable.js";
import { openPipe, writeDevice, writeIntoDescriptor, writePipe } from "./write-into.js";

export interface WriteOptions {
  /** It will be written again: nothing for what cannot be replaced, such as a pipe. */
  readonly interim?: boolean;
}

/**
 * Writes a file in place of what had its name, or of what a link of its name leads to, and keeps its
 * permissions. A pipe, a device or an open descriptor is written into. Text is text that a terminal can show: names from
 * files of others may hold control sequences, which are written out (JSON means the same after it).
 * @throws BadArgument naming the file and the system's reason; a file that was there is still there
 */
export async function writeWhole(
  file: string,
  content: string | Uint8Array,
  { interim = false }: WriteOptions = {},
): Promise<void> {
  const bytes =
    typeof content === "string" ? new TextEncoder().encode(visibleLines(content)) : content;
  try {
    const destination = await destinationOf(file);
    if (destination.kind === "file") await replace(destination, bytes);
    else if (!interim) await writeInto(destination, bytes);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

async function replace(
  { path: file, mode }: Extract<Destination, { readonly kind: "file" }>,
  bytes: Uint8Array,
): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  await withPartialFile(folder, 0o666, async (handle, partial) => {
    await handle.writeFile(bytes);
    if (mode !== undefined) await handle.chmod(mode);
    // A power cut after the rename must not find an empty file under the new name.
    await handle.sync();
    await handle.close();
    await rename(partial, file).catch((error: NodeJS.ErrnoException) => {
      // A file that is mounted by itself, as containers do, cannot be replaced.
      if (error.code !== "EBUSY") throw error;
      return writeFile(file, bytes);
    });
  });
  await syncFolder(folder);
}

/** Makes the rename last. Some systems cannot, and then nothing is lost but that. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {}
}

async function writeInto(
  destination: Exclude<Destination, { readonly kind: "file" }>,
  bytes: Uint8Array,
): Promise<void> {
  if (destination.kind === "descriptor") {
    return writeIntoDescriptor(destination.descriptor, bytes);
  }
  const { kind, path: file } = destination;
  if (kind === "device") return writeDevice(file, bytes);
  return writePipe(heldPipe(file) ?? (await openPipe(file)), bytes);
}
