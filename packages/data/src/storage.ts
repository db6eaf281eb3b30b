/**
 * Places where data files are kept, behind one small interface: folders in Node, the Cache API and
 * web folders in a browser.
 */
import { browserCache, webFolder } from "./storage-browser.js";
import { environmentFolder, hasFileSystem, nodeFolder, userCacheFolder } from "./storage-node.js";
import type { Folder, Storage } from "./storage-place.js";

export type { Folder, Storage } from "./storage-place.js";

/**
 * The places to look in, in order; a download is kept in the first. In Node: `folder`, the folder
 * `HONE_DATA` names, the user's cache, which is left out where no home folder is known. In a browser: the
 * page's cache.
 */
export function openStorages(folder: string | undefined): readonly Storage[] {
  if (!hasFileSystem()) return [browserCache()];
  const named: Storage[] = [];
  const environment = environmentFolder();
  const cache = userCacheFolder();
  if (folder !== undefined) named.push(nodeFolder(folder, "person", "the folder"));
  if (environment !== undefined) named.push(nodeFolder(environment, "person", "HONE_DATA"));
  if (cache !== undefined) named.push(nodeFolder(cache, "cache", "the cache"));
  return named;
}

/** What a person may do so that a file is found, without a full stop. */
export function placeAdvice(path: string): string {
  return hasFileSystem()
    ? `Set HONE_DATA to a folder that holds ${path}`
    : `Put ${path} on the page's own site and give the address of that folder as the option folder`;
}

/** One folder of a person's own: a path in Node, an address in a browser. */
export function openFolder(folder: string): Folder {
  return hasFileSystem() ? nodeFolder(folder, "person", "the folder") : webFolder(folder);
}
