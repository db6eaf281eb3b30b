/**
 * Folders on disk. The only file that touches Node: its modules come from `process.getBuiltinModule`
 * (Node 20.16), which, unlike `import("node:fs")`, no bundler tries to resolve for a browser.
 */
import { HoneError } from "@hone/core/backend";
import type { Storage } from "./storage-place.js";

/** True in Node and what stands in for it; false in a page or a web worker. */
export function hasFileSystem(): boolean {
  return typeof process !== "undefined" && typeof process.getBuiltinModule === "function";
}

/** The folder `HONE_DATA` names, or undefined when it is unset or empty. */
export function environmentFolder(): string | undefined {
  return process.env.HONE_DATA || undefined;
}

/** Where this system keeps a user's caches, with a folder of ours in it. */
export function userCacheFolder(): string {
  const { join } = process.getBuiltinModule("node:path");
  const home = process.getBuiltinModule("node:os").homedir();
  const { env, platform } = process;
  if (platform === "win32") return join(env.LOCALAPPDATA || join(home, "AppData", "Local"), "hone");
  if (platform === "darwin") return join(home, "Library", "Caches", "hone");
  return join(env.XDG_CACHE_HOME || join(home, ".cache"), "hone");
}

/** True when `path` is a folder. */
export async function isFolder(path: string): Promise<boolean> {
  if (!hasFileSystem()) return false;
  const stat = await absentAsUndefined(process.getBuiltinModule("node:fs/promises").stat(path));
  return stat?.isDirectory() ?? false;
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
      return (await absentAsUndefined(files.stat(locate(path))))?.isFile() ?? false;
    },
    async read(path) {
      try {
        return await absentAsUndefined(files.readFile(locate(path)));
      } catch (cause) {
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
      const unique = Math.random().toString(36).slice(2);
      const partial = `${locate(path)}.${process.pid}-${unique}.partial`;
      try {
        await files.mkdir(dirname(partial), { recursive: true });
        await files.writeFile(partial, bytes, signal === undefined ? {} : { signal });
        await files.rename(partial, locate(path));
      } catch (cause) {
        await files.rm(partial, { force: true });
        if (signal?.aborted) throw cause;
        throw cannot("written", path, cause);
      }
    },
    async remove(path) {
      await files.rm(locate(path), { force: true });
    },
  };
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
