/**
 * What Hone writes, as one safetensors file: the tensors, and in its metadata the rest as JSON, the version of this layout,
 * and the SHA-256 of both parts. One file, because renaming one is the only step that a crash cannot cut in two; and
 * every safetensors reader opens it.
 */
import { HoneError, isHoneError } from "../errors.js";
import { checkOptions, isText } from "../options.js";
import { sha256 } from "../sha256.js";
import { valueText } from "../value-text.js";
import { badModelFile, quote } from "./bad-model-file.js";
import { type JsonKind, type JsonObject, parseJsonObject } from "./json.js";
import { fromPlainJson } from "./plain-json.js";
import { type NamedTensor, readSafetensors, type Safetensors, valuesOf } from "./safetensors.js";

export const FIELDS = "fields";
export const FIELDS_SHA256 = "fields.sha256";
export const TENSORS_SHA256 = "tensors.sha256";

/** A tensor as it is kept. */
export interface KeptTensor {
  readonly shape: readonly number[];
  readonly data: NamedTensor["data"];
}

export type KeptTensors = Readonly<Record<string, KeptTensor>>;

/** What a file holds: its name in the metadata, and for people. */
export interface FileKind {
  /** "checkpoint": `hone.checkpoint` in the metadata says the version of the layout. */
  readonly name: string;
  /** Of the layout of the file; what the fields hold may have a number of its own. */
  readonly format: string;
  /** The function that reads it, for errors. */
  readonly reader: string;
}

const again = ({ name }: FileKind) => `It is damaged: take another ${name}.`;

export const jsonKind = (kind: FileKind): JsonKind => ({
  name: `${kind.name} of Hone`,
  again: again(kind),
  maxBytes: 64 * 2 ** 20,
  // A thousand times what an epoch leaves behind, for a hundred thousand epochs.
  maxValues: 8_000_000,
});

/**
 * What a file holds, every part checked against its SHA-256.
 * @param checked of the fields with the tensors: the content, or BadArgument
 * @param options `where`: what an error calls the file
 * @throws BadModelFile naming the file: cut short, altered, of another format, or no such file; BadArgument for what are
 * no bytes
 */
export async function decodeFile<Content>(
  kind: FileKind,
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly where?: string },
  checked: (fields: object, tensors: KeptTensors) => Content | Promise<Content>,
): Promise<Content> {
  if (!(bytes instanceof Uint8Array)) {
    const what = `${valueText(bytes)} was given. Give the bytes of a ${kind.name}'s file, as a Uint8Array.`;
    throw new HoneError("BadArgument", kind.reader, what);
  }
  checkOptions(kind.reader, options, { where: { is: isText, wanted: "a file's name" } });
  const { where = kind.name } = options;
  const file = readSafetensors(bytes, where);
  const { metadata, data } = file;
  const { [`hone.${kind.name}`]: format, [FIELDS]: text } = metadata;
  if (format === undefined || text === undefined) {
    const what = `it is a safetensors file, but no ${kind.name}. Give one that Hone wrote.`;
    throw badModelFile(where, what);
  }
  if (format !== kind.format) {
    const what = `the file has format ${quote(format)}, and this release reads ${kind.format}. Use the release that wrote it.`;
    throw badModelFile(where, what);
  }
  const json = new TextEncoder().encode(text);
  await checkSum("fields", json, metadata[FIELDS_SHA256], where, kind);
  await checkSum("tensors", data, metadata[TENSORS_SHA256], where, kind);
  const { tensors, ...fields } = parseJsonObject(json, where, jsonKind(kind));
  const plain = fromPlainJson(fields as JsonObject, where) as object;
  const kept = tensorsOf(file, tensors, where, kind);
  try {
    return await checked(plain, kept);
  } catch (error) {
    if (!isHoneError(error)) throw error;
    throw badModelFile(where, error.message.replace(/^\[hone\] [^:]*: /, ""), error);
  }
}

async function checkSum(
  part: string,
  bytes: Uint8Array<ArrayBuffer>,
  expected: string | undefined,
  where: string,
  kind: FileKind,
): Promise<void> {
  const actual = await sha256(bytes);
  if (actual === expected) return;
  const said = expected === undefined ? "none" : quote(expected);
  throw badModelFile(
    where,
    `the SHA-256 of its ${part} is "${actual}", and ${said} is written in it. ${again(kind)}`,
  );
}

/** The tensors by name, in their own order; the header of the file must say what the fields say of them. */
function tensorsOf(file: Safetensors, listed: unknown, where: string, kind: FileKind): KeptTensors {
  const found = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const list = Array.isArray(listed) ? listed : [];
  const entries = list.flatMap((item) => {
    const [name, type, shape] = Array.isArray(item) ? item : [];
    const tensor = found.get(name);
    const isSame =
      tensor !== undefined &&
      tensor.dtype === type &&
      JSON.stringify(tensor.shape) === JSON.stringify(shape);
    return isSame ? [[tensor.name, { shape: tensor.shape, data: valuesOf(tensor) }] as const] : [];
  });
  const tensors = Object.fromEntries(entries);
  if (entries.length === list.length && Object.keys(tensors).length === found.size) return tensors;
  throw badModelFile(where, `its tensors are not those that its fields list. ${again(kind)}`);
}
