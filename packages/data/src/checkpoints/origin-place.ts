/**
 * A folder in a site's private file system (OPFS) as a place.
 *
 * Surprising fact: asking for a file's handle makes an empty file at once, before anything is written. A file is therefore
 * written under another name and moved to its own, where the browser can move.
 */
import { HoneError } from "@hone/core/backend";
import { aloneInSite, browserFailure } from "./browser-failure.js";
import type { CheckpointPlace } from "./place.js";

const FOLDER = "hone-checkpoints";
const PARTIAL = ".partial";

/** What TypeScript's declarations of pages lack: workers alone may write in place, and not every browser moves. */
interface WritableHandle {
  createWritable?(): Promise<FileSystemWritableFileStream>;
  createSyncAccessHandle?(): Promise<SyncAccess>;
  move?(name: string): Promise<void>;
}

interface SyncAccess {
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** @throws BadData where there is no such file system, or none that can be written from here */
export async function originPlace(set: string): Promise<CheckpointPlace> {
  const description = `checkpoints "${set}" in the site's file system`;
  const locate = (file: string) => `${file} of ${description}`;
  const folder = await openFolder(set, description);

  const remove = async (file: string) => {
    try {
      await folder.removeEntry(file);
    } catch (cause) {
      if (!isAbsent(cause)) throw browserFailure(locate(file), "removed", cause);
    }
  };
  const list = async () => {
    const files: { file: string; isRegular: boolean }[] = [];
    try {
      for await (const [file, { kind }] of folder.entries())
        files.push({ file, isRegular: kind === "file" });
    } catch (cause) {
      throw browserFailure(description, "read", cause);
    }
    return files;
  };

  return {
    description,
    locate,
    list,
    async read(file) {
      try {
        const blob = await (await folder.getFileHandle(file)).getFile();
        return new Uint8Array(await blob.arrayBuffer());
      } catch (cause) {
        if (isAbsent(cause)) return undefined;
        throw browserFailure(locate(file), "read", cause);
      }
    },
    async write(file, bytes) {
      const canMove = "move" in FileSystemFileHandle.prototype;
      const name = canMove ? file + PARTIAL : file;
      try {
        const handle: WritableHandle = await folder.getFileHandle(name, { create: true });
        await writeAll(handle, bytes);
        if (canMove) await handle.move?.(file);
      } catch (cause) {
        await folder.removeEntry(name).catch(() => undefined);
        throw browserFailure(locate(file), "written", cause);
      }
    },
    remove,
    async tidy() {
      // Without locks another page may be writing it.
      if (!navigator.locks) return;
      for (const { file } of await list()) if (file.endsWith(PARTIAL)) await remove(file);
    },
    alone: (task) => aloneInSite(`hone ${description}`, task),
  };
}

async function openFolder(set: string, description: string): Promise<FileSystemDirectoryHandle> {
  const refuse = (what: string) => new HoneError("BadData", description, what);
  if (typeof navigator === "undefined" || navigator.storage?.getDirectory === undefined)
    throw refuse("there is none here.");
  const handle: WritableHandle = FileSystemFileHandle.prototype;
  if (!("createWritable" in handle || "createSyncAccessHandle" in handle))
    throw refuse("it cannot be written from here.");
  try {
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle(FOLDER, { create: true });
    return await all.getDirectoryHandle(set, { create: true });
  } catch (cause) {
    throw browserFailure(description, "opened", cause);
  }
}

/** On the disk when it resolves. */
async function writeAll(handle: WritableHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (handle.createWritable) {
    const stream = await handle.createWritable();
    try {
      await stream.write(bytes);
    } catch (error) {
      await stream.abort().catch(() => undefined);
      throw error;
    }
    await stream.close();
    return;
  }
  const access = (await handle.createSyncAccessHandle?.()) as SyncAccess;
  try {
    access.truncate(0);
    let at = 0;
    while (at < bytes.length) {
      const written = access.write(bytes.subarray(at), { at });
      if (written === 0) throw new DOMException("nothing more was taken", "QuotaExceededError");
      at += written;
    }
    access.flush();
  } finally {
    access.close();
  }
}

const isAbsent = (error: unknown) =>
  (error as Partial<Error> | undefined)?.name === "NotFoundError";
