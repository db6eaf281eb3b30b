/**
 * A folder on disk as a place. Its modules come from `process.getBuiltinModule`, which no bundler follows.
 *
 * A file gets its name only when it is whole and on the disk; while it is written it has one that tells whose it is,
 * so that leftovers of processes that were killed can be told from files that are still written.
 */
import { HoneError } from "@hone/core/backend";
import { readRegularFile, UnreadableFile } from "../regular-file.js";
import { type CheckpointPlace, unguessable } from "./place.js";

const PARTIAL = /^\.checkpoint-[0-9a-f]{32}\.([\w-]*)\.(\d+)\.partial$/;
/** On another computer, or under a number that was given again, a writer is dead that wrote nothing for so long. */
const ABANDONED_MS = 3_600_000;
const FULL: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];
/** What systems answer that cannot sync a folder: they have no need of it, or no way. */
const NO_FOLDER_SYNC: readonly string[] = ["EINVAL", "EPERM", "EISDIR", "ENOTSUP", "EBADF"];

export function folderPlace(folder: string): CheckpointPlace {
  const files = process.getBuiltinModule("node:fs/promises");
  const { dirname, join, resolve } = process.getBuiltinModule("node:path");
  const root = resolve(folder);
  const host = process.getBuiltinModule("node:os").hostname().replace(/\W/g, "").slice(0, 40);
  const locate = (file: string) => join(root, file);

  const syncFolder = async (path: string) => {
    const handle = await files.open(path, "r").catch(unlessCode(NO_FOLDER_SYNC));
    await handle?.sync().catch(unlessCode(NO_FOLDER_SYNC));
    await handle?.close();
  };
  const makeFolder = async () => {
    const first = await files.mkdir(root, { recursive: true });
    if (first !== undefined) await syncFolder(dirname(first));
  };
  const remove = async (file: string) => {
    try {
      await files.rm(locate(file), { force: true });
    } catch (cause) {
      throw failure(locate(file), "removed", cause);
    }
  };
  const list = async () => {
    try {
      return await files.readdir(root, { withFileTypes: true });
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return [];
      throw failure(root, "read", cause);
    }
  };

  return {
    description: root,
    locate,
    list: async () =>
      (await list()).map((entry) => ({ file: entry.name, isRegular: entry.isFile() })),
    async read(file) {
      try {
        return await readRegularFile(locate(file), Number.MAX_SAFE_INTEGER);
      } catch (cause) {
        if (cause instanceof UnreadableFile && cause.isAbsent) return undefined;
        throw failure(locate(file), "read", cause);
      }
    },
    async write(file, bytes) {
      const partial = locate(`.checkpoint-${unguessable()}.${host}.${process.pid}.partial`);
      try {
        await makeFolder();
        // Fails where there is anything of that name, a link too.
        const handle = await files.open(partial, "wx");
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await files.rename(partial, locate(file));
        await syncFolder(root);
      } catch (cause) {
        await files.rm(partial, { force: true }).catch(() => undefined);
        throw failure(locate(file), "written", cause);
      }
    },
    remove,
    async tidy() {
      for (const entry of await list()) {
        const [, writer, pid] = PARTIAL.exec(entry.name) ?? [];
        if (writer === undefined || !entry.isFile()) continue;
        const isDead = writer === host && !isAlive(Number(pid));
        if (isDead || (await ageMs(locate(entry.name))) > ABANDONED_MS) await remove(entry.name);
      }
    },
    // Processes have no lock in common; what they do here stays right beside each other.
    alone: (task) => task(),
  };

  async function ageMs(path: string): Promise<number> {
    const { mtimeMs } = await files
      .lstat(path)
      .catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    return Date.now() - mtimeMs;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? "");
}

const unlessCode = (codes: readonly string[]) => (error: unknown) => {
  if (!codes.includes(codeOf(error))) throw error;
  return undefined;
};

function failure(path: string, verb: "read" | "written" | "removed", cause: unknown): HoneError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const help = FULL.includes(codeOf(cause)) ? "Free some space" : "Check its permissions";
  const kept = verb === "written" ? " Checkpoints saved before are still there." : "";
  return new HoneError(
    "BadData",
    path,
    `it cannot be ${verb} (${reason}). ${help}, or give another folder.${kept}`,
    { cause },
  );
}
