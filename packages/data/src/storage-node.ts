/**
 * Folders on disk. Node's modules come from `process.getBuiltinModule` (Node 20.16), which, unlike
 * `import("node:fs")`, no bundler tries to resolve for a browser.
 */
import { HoneError } from "@hone/core/backend";
import { readRegularFile, UnreadableFile } from "./regular-file.js";
import type { Storage } from "./storage-place.js";

/** True in Node and what stands in for it; false in a page or a web worker. */
export function hasFileSystem(): boolean {
  return typeof process !== "undefined" && typeof process.getBuiltinModule === "function";
}

/** The folder `HONE_DATA` names, or undefined when it is unset or empty. */
export function environmentFolder(): string | undefined {
  return process.env.HONE_DATA || undefined;
}

/**
 * Where this system keeps a user's caches, with a folder of ours in it; undefined where nothing tells a home
 * folder, as in a container whose user has no entry in passwd.
 */
export function userCacheFolder(): string | undefined {
  const { join } = process.getBuiltinModule("node:path");
  const { env, platform } = process;
  const below = (base: string | undefined, ...names: readonly string[]) =>
    base === undefined ? undefined : join(base, ...names, "hone");
  const home = homeFolder();
  if (platform === "win32") {
    return below(absolute(env.LOCALAPPDATA)) ?? below(home, "AppData", "Local");
  }
  if (platform === "darwin") return below(home, "Library", "Caches");
  return below(absolute(env.XDG_CACHE_HOME)) ?? below(home, ".cache");
}

function homeFolder(): string | undefined {
  try {
    return absolute(process.getBuiltinModule("node:os").homedir());
  } catch {
    // Without HOME the system asks passwd, and throws where that does not know the user.
    return undefined;
  }
}

/** A place of its own, whatever the current folder is. */
function absolute(path: string | undefined): string | undefined {
  const { isAbsolute } = process.getBuiltinModule("node:path");
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** True when `path` is a folder. False also for what cannot be looked at: whoever opens it learns why. */
export async function isFolder(path: string): Promise<boolean> {
  if (!hasFileSystem()) return false;
  const { stat } = process.getBuiltinModule("node:fs/promises");
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/**
 * A folder as a storage.
 * @throws BadData, from its methods, naming the file and the system's reason.
 */
export function nodeFolder(
  folder: string,
  owner: "cache" | "person",
  description: string,
): Storage {
  const files = process.getBuiltinModule("node:fs/promises");
  const { dirname, join, resolve } = process.getBuiltinModule("node:path");
  const root = resolve(folder);
  const locate = (path: string) => join(root, path);
  const cannot = (verb: string, path: string, cause: unknown) =>
    new HoneError(
      "BadData",
      locate(path),
      `it cannot be ${verb} (${cause instanceof Error ? cause.message : String(cause)}). ` +
        "Check its permissions, or set HONE_DATA to another folder.",
      { cause },
    );

  return {
    owner,
    description: `${description} ${root}`,
    locate,
    async has(path) {
      return (await files.stat(locate(path)).catch(() => undefined))?.isFile() ?? false;
    },
    async read(path) {
      try {
        return await readRegularFile(locate(path));
      } catch (cause) {
        if (cause instanceof UnreadableFile && cause.isAbsent) return undefined;
        throw cannot("read", path, cause);
      }
    },
    async prepareToWrite(path) {
      // Nothing is made yet: a download that fails leaves no empty folders behind.
      let existing = dirname(locate(path));
      try {
        while (!(await isFolder(existing))) {
          if (await exists(existing)) throw new Error(`${existing} is not a folder`);
          existing = dirname(existing);
        }
        await files.access(existing, files.constants.W_OK);
      } catch (cause) {
        throw cannot("written", path, cause);
      }
    },
    async write(path, bytes, signal) {
      const unique = crypto.randomUUID();
      const partial = `${locate(path)}.${process.pid}-${unique}.partial`;
      try {
        await files.mkdir(dirname(partial), { recursive: true });
        await removeLeftovers(dirname(partial));
        // Exclusively: what others may have put there, a link say, is not written through.
        const handle = await files.open(partial, "wx");
        try {
          await handle.writeFile(bytes, signal === undefined ? {} : { signal });
          await handle.sync();
        } finally {
          await handle.close();
        }
        await files.rename(partial, locate(path));
      } catch (cause) {
        await files.rm(partial, { force: true });
        if (signal?.aborted) throw cause;
        throw cannot("written", path, cause);
      }
    },
    async remove(path) {
      await files.rm(locate(path), { force: true }).catch((cause: unknown) => {
        throw cannot("removed", path, cause);
      });
    },
  };
}

const partialFile = /\.\d+-[\da-f-]{36}\.partial$/;
/** Far longer than a file takes to be written. */
const leftoverMs = 3_600_000;

/** Removes what processes that were killed in the middle of writing left in a folder. */
async function removeLeftovers(folder: string): Promise<void> {
  const files = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const names = (await files.readdir(folder)).filter((name) => partialFile.test(name));
  for (const file of names.map((name) => join(folder, name))) {
    const found = await files.lstat(file).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < leftoverMs) continue;
    await files.rm(file, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  const stat = process.getBuiltinModule("node:fs/promises").stat(path);
  return (await absentAsUndefined(stat)) !== undefined;
}

async function absentAsUndefined<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
