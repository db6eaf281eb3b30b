/** A saved model, from wherever it lies. */
import { HoneError } from "./errors.js";
import { decodeSavedModel } from "./io/saved-model-file.js";
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
  const { bytes, where } = await bytesOf(await source, options.signal);
  return decodeSavedModel(bytes, { where });
}

interface Found {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What errors call it. */
  readonly where: string;
}

async function bytesOf(source: unknown, signal: AbortSignal | undefined): Promise<Found> {
  if (source instanceof Uint8Array) return { bytes: new Uint8Array(source), where: "model" };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), where: "model" };
  if (typeof Blob === "function" && source instanceof Blob) {
    const { name } = source as Partial<File>;
    return { bytes: new Uint8Array(await source.arrayBuffer()), where: name ?? "model" };
  }
  if (typeof Response === "function" && source instanceof Response) return ofResponse(source);
  if (typeof source === "string" || source instanceof URL) return fetched(`${source}`, signal);
  const what = `${valueText(source)} is no model. Give the bytes of its file, a Blob, a Response, or its address.`;
  throw new HoneError("BadArgument", "openModel", what);
}

async function ofResponse(response: Response, address = response.url): Promise<Found> {
  const where = address || "model";
  if (!response.ok) {
    const what = `it was answered ${response.status} ${response.statusText}. Check its address.`;
    throw new HoneError("BadModelFile", where, what);
  }
  return { bytes: new Uint8Array(await response.arrayBuffer()), where };
}

async function fetched(address: string, signal: AbortSignal | undefined): Promise<Found> {
  try {
    return await ofResponse(await fetch(address, signal ? { signal } : {}), address);
  } catch (cause) {
    if (cause instanceof HoneError) throw cause;
    if (signal?.aborted) {
      throw new HoneError("Aborted", address, "its signal was aborted.", { cause });
    }
    const what = `it could not be read (${messageOf(cause)}). Check its address; read a file of Node's yourself, and give its bytes.`;
    throw new HoneError("BadModelFile", address, what, { cause });
  }
}
