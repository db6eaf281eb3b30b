/**
 * Places where data files are kept, behind one small interface: folders in Node, the Cache API and
 * web folders in a browser.
 */
import { browserCache, webFolder } from "./storage-browser.js";
import { environmentFolder, hasFileSystem, nodeFolder, userCacheFolder } from "./storage-node.js";

/** A place to read files from, under relative paths such as `mnist/train-labels-idx1-ubyte.gz`. */
export interface Folder {
  /** For messages: the full name of one file. */
  locate(path: string): string;
  has(path: string): Promise<boolean>;
  /** The file's content, or undefined when it is not there. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** A place to keep files in as well. */
export interface Storage extends Folder {
  /** `cache` is Hone's own: what is bad there is removed. `person` is never deleted from. */
  readonly owner: "cache" | "person";
  /** For messages: what the place is called. */
  readonly description: string;
  /** Throws if `write` could not work, before the cost of a download. */
  prepareToWrite(path: string): Promise<void>;
  /** Puts the whole file there or nothing. */
  write(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  remove(path: string): Promise<void>;
}

/**
 * The places to look in, in order; a download is kept in the first. In Node: `folder`, the folder
 * `HONE_DATA` names, the user's cache. In a browser: the page's cache.
 */
export function openStorages(folder: string | undefined): readonly [Storage, ...Storage[]] {
  if (!hasFileSystem()) return [browserCache()];
  const named: Storage[] = [];
  const environment = environmentFolder();
  if (folder !== undefined) named.push(nodeFolder(folder, "person", "the folder"));
  if (environment !== undefined) named.push(nodeFolder(environment, "person", "HONE_DATA"));
  const [first, ...rest] = [...named, nodeFolder(userCacheFolder(), "cache", "the cache")];
  return [first as Storage, ...rest];
}

/** One folder of a person's own: a path in Node, an address in a browser. */
export function openFolder(folder: string): Folder {
  return hasFileSystem() ? nodeFolder(folder, "person", "the folder") : webFolder(folder);
}
