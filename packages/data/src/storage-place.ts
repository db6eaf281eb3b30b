/** What a place for data files can do. */

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
