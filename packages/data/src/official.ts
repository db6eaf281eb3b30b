/**
 * Finds the official files of a set (given folder, `HONE_DATA`, cache, mirrors), checks them against
 * the table, and reads them. No set ever stands in for another: what cannot be had is an error.
 */
import type { PlainDataset } from "@hone/core";
import {
  HoneError,
  isBoolean,
  isFunction,
  isHoneError,
  isText,
  type Option,
  sha256,
} from "@hone/core/backend";
import { filesOf, type OfficialFile, type OfficialPart, type OfficialSet } from "./catalog.js";
import { download, throwIfAborted } from "./download.js";
import { imageDataset } from "./image-dataset.js";
import { openStorages, placeAdvice, type Storage } from "./storage.js";
import { webFolderAddress } from "./storage-browser.js";
import { hasFileSystem } from "./storage-node.js";

/** A training and a test set over the same classes. */
export interface DatasetPair {
  readonly train: PlainDataset;
  readonly test: PlainDataset;
}

/** How far a download is. */
export interface DownloadProgress {
  /** Such as `mnist/train-images-idx3-ubyte.gz`. */
  readonly file: string;
  readonly url: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** Where official data sets come from, and where they are kept. */
export interface OfficialOptions {
  /**
   * A folder with the subfolders `mnist` and `fashion-mnist`, looked at before all others. In a
   * browser: the address of such a folder, tried before the mirrors and also where `download` is false.
   */
  readonly folder?: string | undefined;
  /** Called as a download advances; never called when the files are at hand. */
  readonly progress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** False: use only what is at hand. Default true. */
  readonly download?: boolean | undefined;
}

/** What an option may be, by name. */
export const knownOfficial: Readonly<Record<keyof OfficialOptions, Option>> = {
  folder: { is: isText, wanted: "the path of a folder" },
  progress: { is: isFunction, wanted: "a function" },
  signal: { is: (value) => value instanceof AbortSignal, wanted: "an AbortSignal" },
  download: { is: isBoolean, wanted: "true or false" },
};

interface Found {
  readonly bytes: Uint8Array;
  /** Full name of the file, for errors. */
  readonly where: string;
  readonly place: string;
}

/**
 * Opens a set of the table.
 * @throws BadData naming the file that is missing, damaged, or not the official one.
 * @throws Aborted when `options.signal` fires; no file is left half-written.
 */
export async function openOfficial(
  set: OfficialSet,
  options: OfficialOptions = {},
): Promise<DatasetPair> {
  const train = await openPart(set, set.train, "train", options);
  const test = await openPart(set, set.test, "test", options);
  return { train, test };
}

async function openPart(
  set: OfficialSet,
  part: OfficialPart,
  partName: string,
  options: OfficialOptions,
): Promise<PlainDataset> {
  const images = await findFile(set, part.images, options);
  const labels = await findFile(set, part.labels, options);
  const read = await imageDataset({
    name: `${set.name} ${partName}`,
    images,
    labels,
    classNames: set.classNames,
    source: images.place,
  });
  if (read.rows !== part.rows) {
    throw new HoneError(
      "BadData",
      images.where,
      `it holds ${read.rows} images, but the official file has ${part.rows}. Replace it with that one.`,
    );
  }
  return read;
}

/** The first place that has all files of a set (their content is not checked), or undefined. */
export async function isAtHand(set: OfficialSet, folder?: string): Promise<string | undefined> {
  for (const storage of openStorages(folder)) {
    const paths = filesOf(set).map((file) => `${set.name}/${file.name}`);
    const present = await Promise.all(paths.map((path) => storage.has(path)));
    if (present.every(Boolean)) return storage.description;
  }
  return undefined;
}

/**
 * True for the error of a set that could not be had at all: not at hand and not to be downloaded. A
 * set that was found and is damaged gives false.
 */
export function isUnavailable(error: unknown): boolean {
  return isHoneError(error, "BadData") && error.cause instanceof AggregateError;
}

async function findFile(
  set: OfficialSet,
  file: OfficialFile,
  options: OfficialOptions,
): Promise<Found> {
  const path = `${set.name}/${file.name}`;
  const storages = openStorages(options.folder);
  if (storages.length === 0) throw nowhere(path);
  for (const storage of storages) {
    throwIfAborted(options.signal, path);
    const bytes = await readOfficial(storage, path, file);
    if (bytes !== undefined) {
      return { bytes, where: storage.locate(path), place: storage.description };
    }
  }
  return downloadFile(set, file, storages, options);
}

async function readOfficial(
  storage: Storage,
  path: string,
  file: OfficialFile,
): Promise<Uint8Array | undefined> {
  const bytes = await storage.read(path);
  if (bytes === undefined) return undefined;
  const mismatch = await compareWithTable(bytes, file);
  if (mismatch === undefined) return bytes;
  if (storage.owner === "person") {
    throw new HoneError(
      "BadData",
      storage.locate(path),
      `${mismatch}. Replace it with the official file, or remove it so that it is downloaded.`,
    );
  }
  await storage.remove(path);
  throw new HoneError(
    "BadData",
    storage.locate(path),
    `${mismatch}. It was removed from the cache: try again to download it anew.`,
  );
}

async function downloadFile(
  set: OfficialSet,
  file: OfficialFile,
  storages: readonly Storage[],
  options: OfficialOptions,
): Promise<Found> {
  const path = `${set.name}/${file.name}`;
  const addresses = addressesOf(set, options);
  if (addresses.length === 0) throw unavailable(path, storages, [], options);
  const keep = storages[0] as Storage;
  await keep.prepareToWrite(path);
  const failures: Error[] = [];
  for (const mirror of addresses) {
    const url = mirror + file.name;
    const bytes = await fromMirror(url, file, options, path);
    if (bytes instanceof Error) {
      failures.push(bytes);
      continue;
    }
    await keepFile(keep, path, bytes, options.signal);
    return { bytes, where: keep.locate(path), place: url };
  }
  throw unavailable(path, storages, failures, options);
}

/** The official file, or why this mirror did not give it. */
async function fromMirror(
  url: string,
  file: OfficialFile,
  options: OfficialOptions,
  path: string,
): Promise<Uint8Array | Error> {
  try {
    const bytes = await download(url, {
      bytes: file.bytes,
      signal: options.signal,
      onReceived: (receivedBytes) =>
        options.progress?.({ file: path, url, receivedBytes, totalBytes: file.bytes }),
    });
    const mismatch = await compareWithTable(bytes, file);
    if (mismatch === undefined) return bytes;
    return new HoneError("BadData", url, `${mismatch}. Nothing was kept.`);
  } catch (error) {
    if (isHoneError(error, "BadData")) return error;
    throw error;
  }
}

async function keepFile(
  keep: Storage,
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfAborted(signal, path);
  try {
    await keep.write(path, bytes, signal);
  } catch (error) {
    throwIfAborted(signal, path);
    throw error;
  }
}

/** Where to fetch from, in order. A page's own folder is at hand, whatever is said of downloads. */
function addressesOf(set: OfficialSet, { folder, download }: OfficialOptions): readonly string[] {
  const own = hasFileSystem() || folder === undefined ? [] : [webFolderAddress(folder)];
  const mirrors = download === false ? [] : set.mirrors;
  return [...own.map((address) => `${address}${set.name}/`), ...mirrors];
}

/** What differs from the table, with both values, or undefined. */
async function compareWithTable(
  bytes: Uint8Array,
  file: OfficialFile,
): Promise<string | undefined> {
  if (bytes.length !== file.bytes) {
    return `it holds ${bytes.length} bytes, but the official file has ${file.bytes}`;
  }
  const actual = await sha256(bytes as Uint8Array<ArrayBuffer>);
  if (actual === file.sha256) return undefined;
  return `its SHA-256 is ${actual}, but the official file has ${file.sha256}`;
}

function nowhere(path: string): HoneError {
  return new HoneError(
    "BadData",
    path,
    "there is no place to look in: HONE_DATA and HOME are not set, and the system has no entry for this user. Set HONE_DATA to a folder for data sets.",
    { cause: new AggregateError([], `${path} has no place to be kept in`) },
  );
}

function unavailable(
  path: string,
  storages: readonly Storage[],
  failures: readonly Error[],
  { download }: OfficialOptions,
): HoneError {
  const places = storages.map((storage) => storage.description).join(", ");
  // Of each failure the first sentence: its advice would be repeated for every mirror.
  const tried = failures.map((failure) => failure.message.replace("[hone] ", "").split(". ")[0]);
  if (download === false) tried.push("downloading was ruled out");
  const help = download === false ? "allow the download" : "connect to the network";
  return new HoneError(
    "BadData",
    path,
    `it is not in ${places}; ${tried.join("; ")}. ${placeAdvice(path)}, or ${help}.`,
    { cause: new AggregateError(failures, `every source of ${path} failed`) },
  );
}
