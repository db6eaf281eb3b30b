/**
 * The browser's places: the Cache API, which survives a reload, and folders of a web server. Both are
 * absent or refuse on pages that are not served over https or from localhost.
 */
import { HoneError } from "@hone/core";
import type { Folder, Storage } from "./storage-place.js";

const CACHE_NAME = "hone-data-1";
/** Keys must be addresses; this one is reserved and never fetched (RFC 2606). */
const CACHE_ROOT = "https://hone.invalid/";

/**
 * The page's cache. A browser may refuse to keep a file (private windows, full quota) or drop it
 * later; the set is then downloaded anew, so `write` lets such a refusal pass.
 */
export function browserCache(): Storage {
  const available = typeof caches !== "undefined";
  const open = () => caches.open(CACHE_NAME);
  const read = async (path: string) => {
    if (!available) return undefined;
    const response = await (await open()).match(CACHE_ROOT + path);
    return response === undefined ? undefined : new Uint8Array(await response.arrayBuffer());
  };
  return {
    owner: "cache",
    description: available ? "the browser's cache" : "the browser's cache (not available here)",
    locate: (path) => `${path} in the browser's cache`,
    has: async (path) => (await read(path)) !== undefined,
    read,
    prepareToWrite: async () => {},
    async write(path, bytes) {
      if (!available) return;
      try {
        const body = new Response(bytes as Uint8Array<ArrayBuffer>);
        await (await open()).put(CACHE_ROOT + path, body);
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
      }
    },
    async remove(path) {
      if (available) await (await open()).delete(CACHE_ROOT + path);
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

/** The full address of a folder of a web server, with a slash at its end. */
export function webFolderAddress(folder: string): string {
  return new URL(folder.endsWith("/") ? folder : `${folder}/`, globalThis.location?.href).href;
}
