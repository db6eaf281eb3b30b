/** A saved model, from wherever it lies. */
import { checkAborted, untilAborted } from "./abort.js";
import { HoneError } from "./errors.js";
import { decodeSavedModel } from "./io/saved-model-file.js";
import { checkOptions, SIGNAL_OPTION } from "./run/options.js";
import type { SavedModel } from "./run/saved-model.js";
import { messageOf, valueText } from "./value-text.js";

/** Bytes, what gives bytes, or the address of a file. */
export type ModelSource =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Response
  | URL
  | string
  | Promise<Response>;

/**
 * The model that `session.save` has written; for `compile` and `pickFastest`.
 * @param source the file's bytes, a Blob or File, a Response, or an address to fetch it from; in Node read a file
 * yourself, as in `openModel(await readFile("digits.hone"))`
 * @param options `signal` ends a download
 * @throws BadModelFile for what is no such file, was altered, or does not come from that address; Aborted;
 * BadArgument
 */
export async function openModel(
  source: ModelSource,
  options: { readonly signal?: AbortSignal } = {},
): Promise<SavedModel> {
  checkOptions("openModel", options ?? undefined, { signal: SIGNAL_OPTION });
  const signal = options?.signal;
  checkAborted(signal, "openModel");
  const { bytes, where } = await untilAborted(bytesOf(source, signal), signal, "openModel");
  return decodeSavedModel(bytes, { where });
}

interface Found {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What errors call it. */
  readonly where: string;
}

async function bytesOf(given: ModelSource, signal: AbortSignal | undefined): Promise<Found> {
  let where = "model";
  try {
    const source: unknown = await given;
    if (source instanceof Uint8Array) return { bytes: new Uint8Array(source), where };
    if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), where };
    if (typeof Blob === "function" && source instanceof Blob) {
      where = (source as Partial<File>).name ?? where;
      return { bytes: new Uint8Array(await source.arrayBuffer()), where };
    }
    if (typeof Response === "function" && source instanceof Response) {
      where = source.url || where;
      return await ofResponse(source, where);
    }
    if (typeof source === "string" || source instanceof URL) {
      where = `${source}`;
      return await ofResponse(await fetch(where, signal ? { signal } : {}), where);
    }
    const what = `${valueText(source)} is no model. Give the bytes of its file, a Blob, a Response, or its address.`;
    throw new HoneError("BadArgument", "openModel", what);
  } catch (cause) {
    if (cause instanceof HoneError) throw cause;
    const what = `it could not be read (${messageOf(cause)}). Check its address; read a file of Node's yourself, and give its bytes.`;
    throw new HoneError("BadModelFile", where, what, { cause });
  }
}

async function ofResponse(response: Response, where: string): Promise<Found> {
  if (!response.ok) {
    const what = `it was answered ${response.status} ${response.statusText}. Check its address.`;
    throw new HoneError("BadModelFile", where, what);
  }
  return { bytes: new Uint8Array(await response.arrayBuffer()), where };
}
