/** The data sets of Train and Draw: digits drawn by code on a thread of their own, and two that are downloaded when asked for. */
import { HoneError, isHoneError } from "@hone/core/runtime";
import type { DatasetPair, DownloadProgress } from "@hone/data";

export const SET_NAMES = ["digits", "mnist", "fashion-mnist"] as const;
export type SetName = (typeof SET_NAMES)[number];

let last: { readonly name: SetName; readonly pair: Promise<DatasetPair> } | undefined;

/**
 * The set; the last one is held, so that a second training does not wait.
 * @param progress told how far a download is
 * @throws BadData, Aborted
 */
export function openSet(
  name: SetName,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<DatasetPair> {
  if (last?.name === name) return last.pair;
  const pair = name === "digits" ? drawnDigits() : downloaded(name, progress, signal);
  const held = { name, pair };
  last = held;
  pair.catch(() => {
    if (last === held) last = undefined;
  });
  return pair;
}

function drawnDigits(): Promise<DatasetPair> {
  const worker = new Worker(new URL("digits-worker.js", document.baseURI), { type: "module" });
  return new Promise<DatasetPair>((resolve, reject) => {
    const failed = (why: string) =>
      reject(
        new HoneError("BadData", "digits", `they could not be drawn (${why}). Load the page anew.`),
      );
    worker.onerror = ({ message }) => failed(message || "the worker's script did not load");
    worker.onmessage = ({ data }) => (data.failed ? failed(data.failed) : resolve(data));
  }).finally(() => worker.terminate());
}

async function downloaded(
  name: Exclude<SetName, "digits">,
  progress: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<DatasetPair> {
  const { openDataset, isUnavailable } = await import("@hone/data");
  const told = ({ file, receivedBytes, totalBytes }: DownloadProgress) =>
    progress(`${file}: ${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB`);
  try {
    return await openDataset(name, { progress: told, folder: folder(), ...(signal && { signal }) });
  } catch (error) {
    if (!isHoneError(error, "BadData")) throw error;
    const what = isUnavailable(error) ? unavailable(error) : firstSentence(error);
    throw new HoneError("BadData", TITLES[name], `${what}. ${INSTEAD}`, { cause: error });
  }
}

const INSTEAD = "Digits that are drawn here are chosen instead: press Train, or try again later";
const TITLES = { mnist: "MNIST", "fashion-mnist": "Fashion-MNIST" } as const;

/** What each place answered. */
function unavailable({ cause }: Error): string {
  const tried = (cause as AggregateError).errors.map((error: Error) => firstSentence(error));
  return `it could not be downloaded (${tried.join("; ")})`;
}

/** Without its advice, which is not for visitors. */
const firstSentence = ({ message }: Error) => message.replace("[hone] ", "").split(/\. /)[0];

/** A host may lay the files beside the page, or name another folder in index.html; then nobody else is asked. */
function folder(): string {
  const named = document.querySelector<HTMLMetaElement>('meta[name="hone-data"]')?.content;
  return new URL(named || "data/", document.baseURI).href;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
