/**
 * The browser's places: the Cache API, which survives a reload, and folders of a web server. Both are
 * absent or refuse on pages that are not served over https or from localhost.
 */
import { HoneError } from "@hone/core/backend";
import type { Folder, Storage } from "./storage-place.js";

const CACHE_NAME = "hone-data-1";
/** Keys must be addresses; this one is reserved and never fetched (RFC 2606). */
const CACHE_ROOT = "https://hone.invalid/";

/**
 * The page's cache. A browser may have none for the page (http, sandboxed frames, storage that a person has
 * blocked), refuse to keep a file (private windows, full quota) or drop it later; the set is then downloaded
 * anew, so that such a refusal passes.
 */
export function browserCache(): Storage {
  let absence: string | undefined;
  /** Undefined where the browser refuses, which is for `description` to say. */
  const ask = async <Value>(task: (cache: Cache) => Promise<Value>): Promise<Value | undefined> => {
    try {
      if (typeof caches !== "undefined") return await task(await caches.open(CACHE_NAME));
      absence = "not available here";
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      absence = error.name;
    }
    return undefined;
  };
  const read = async (path: string) => {
    const response = await ask((cache) => cache.match(CACHE_ROOT + path));
    return response === undefined ? undefined : new Uint8Array(await response.arrayBuffer());
  };
  return {
    owner: "cache",
    get description() {
      return absence === undefined ? "the browser's cache" : `the browser's cache (${absence})`;
    },
    locate: (path) => `${path} in the browser's cache`,
    has: async (path) => (await read(path)) !== undefined,
    read,
    prepareToWrite: async () => {},
    async write(path, bytes) {
      const body = new Response(bytes as Uint8Array<ArrayBuffer>);
      await ask((cache) => cache.put(CACHE_ROOT + path, body));
    },
    async remove(path) {
      await ask((cache) => cache.delete(CACHE_ROOT + path));
    },
  };
}

/** A folder of a web server. `folder` is resolved against the page's address. */
export function webFolder(folder: string): Folder {
  const root = webFolderAddress(folder);
  const locate = (path: string) => root + path;
  return {
    locate,
    has: async (path) => (await fetch(locate(path), { method: "HEAD" })).ok,
    async read(path) {
      const response = await fetch(locate(path));
      if (response.status === 404) return undefined;
      if (!response.ok) {
        throw new HoneError(
          "BadData",
          locate(path),
          `the server answered ${response.status} ${response.statusText}. Check the folder's address.`,
        );
      }
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/**
 * The full address of a folder of a web server, with a slash at its end.
 * @throws BadArgument where it is none, or the page has no address to resolve it against
 */
export function webFolderAddress(folder: string): string {
  try {
    // As `fetch` would resolve it, <base> included; a worker made from a blob has nothing to resolve against.
    return new Request(folder.endsWith("/") ? folder : `${folder}/`).url;
  } catch (cause) {
    const what = `it is no address of a folder, seen from ${globalThis.location?.href}`;
    throw new HoneError(
      "BadArgument",
      "folder",
      `${JSON.stringify(folder)}: ${what}. Give all of it, with https://.`,
      { cause },
    );
  }
}
