/**
 * A checkpoint as one safetensors file: the tensors, and in its metadata the rest as JSON, the version of this layout,
 * and the SHA-256 of both parts. One file, because renaming one is the only step that a crash cannot cut in two; and
 * every safetensors reader opens it.
 */
import { HoneError, isHoneError } from "../errors.js";
import { checkOptions, isText } from "../options.js";
import type { Checkpoint } from "../run/checkpoint.js";
import { checkedCheckpoint } from "../run/checkpoint-checks.js";
import { sha256 } from "../sha256.js";
import { valueText } from "../value-text.js";
import { badModelFile, quote } from "./bad-model-file.js";
import { type JsonKind, type JsonObject, parseJsonObject } from "./json.js";
import { fromPlainJson, toPlainText } from "./plain-json.js";
import {
  type NamedTensor,
  readSafetensors,
  type Safetensors,
  typeOf,
  valuesOf,
  writeSafetensors,
} from "./safetensors.js";

/** Of the file. What it holds has a number of its own, `Checkpoint.format`. */
const FILE_FORMAT = "1";
const FORMAT = "hone.checkpoint";
const FIELDS = "fields";
const FIELDS_SHA256 = "fields.sha256";
const TENSORS_SHA256 = "tensors.sha256";
const AGAIN = "It is damaged: take another checkpoint.";
const FIELDS_JSON: JsonKind = {
  name: "checkpoint of Hone",
  again: AGAIN,
  maxBytes: 64 * 2 ** 20,
  // A thousand times what an epoch leaves behind, for a hundred thousand epochs.
  maxValues: 8_000_000,
};

/**
 * The bytes of a checkpoint's file, the same for the same checkpoint.
 * @throws BadArgument for what is no checkpoint, or holds what no file can: a function, a class instance
 */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, ...fields } = checked(checkpoint);
  const named: NamedTensor[] = Object.entries(tensors).map(([name, { shape, data }]) => ({
    name,
    shape,
    data,
  }));
  const listed = named.map(({ name, shape, data }) => [name, typeOf(data), shape]);
  const text = toPlainText({ ...fields, tensors: listed }, "checkpoint");
  const bytes = new TextEncoder().encode(text);
  // What could not be read again is refused now, and not when it is needed.
  parseJsonObject(bytes, "checkpoint", FIELDS_JSON);
  const fieldsSum = await sha256(bytes);
  return writeSafetensors(named, async (data) => ({
    [FORMAT]: FILE_FORMAT,
    [FIELDS_SHA256]: fieldsSum,
    [TENSORS_SHA256]: data ? await sha256(data) : "0".repeat(fieldsSum.length),
    [FIELDS]: text,
  }));
}

/**
 * The checkpoint that a file holds, every part checked against its SHA-256.
 * @param options `where`: what an error calls the file
 * @throws BadModelFile naming the file: cut short, altered, of another format, or no checkpoint; BadArgument
 * for what are no bytes
 */
export async function decodeCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly where?: string } = {},
): Promise<Checkpoint> {
  if (!(bytes instanceof Uint8Array)) {
    const what = `${valueText(bytes)} was given. Give the bytes of a checkpoint's file, as a Uint8Array.`;
    throw new HoneError("BadArgument", "decodeCheckpoint", what);
  }
  checkOptions("decodeCheckpoint", options, { where: { is: isText, wanted: "a file's name" } });
  const { where = "checkpoint" } = options;
  const file = readSafetensors(bytes, where);
  const { metadata, data } = file;
  const { [FORMAT]: format, [FIELDS]: text } = metadata;
  if (format === undefined || text === undefined) {
    throw badModelFile(
      where,
      "it is a safetensors file, but no checkpoint. Give one that Hone wrote.",
    );
  }
  if (format !== FILE_FORMAT) {
    throw badModelFile(
      where,
      `the file has format ${quote(format)}, and this release reads ${FILE_FORMAT}. Use the release that wrote it.`,
    );
  }
  const json = new TextEncoder().encode(text);
  await checkSum("fields", json, metadata[FIELDS_SHA256], where);
  await checkSum("tensors", data, metadata[TENSORS_SHA256], where);
  const { tensors, ...fields } = parseJsonObject(json, where, FIELDS_JSON);
  const plain = fromPlainJson(fields as JsonObject, where) as object;
  try {
    return checked({ ...plain, tensors: tensorsOf(file, tensors, where) });
  } catch (error) {
    if (!isHoneError(error, "BadArgument")) throw error;
    throw badModelFile(where, error.message.replace(/^\[hone\] [^:]*: /, ""), error);
  }
}

async function checkSum(
  part: string,
  bytes: Uint8Array<ArrayBuffer>,
  expected: string | undefined,
  where: string,
): Promise<void> {
  const actual = await sha256(bytes);
  if (actual === expected) return;
  const said = expected === undefined ? "none" : quote(expected);
  throw badModelFile(
    where,
    `the SHA-256 of its ${part} is "${actual}", and ${said} is written in it. ${AGAIN}`,
  );
}

/** The tensors by name, in their own order; the header of the file must say what the fields say of them. */
function tensorsOf(file: Safetensors, listed: unknown, where: string): Checkpoint["tensors"] {
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
  throw badModelFile(where, `its tensors are not those that its fields list. ${AGAIN}`);
}

function checked(given: unknown): Checkpoint {
  const kind = (given as Partial<Checkpoint> | null)?.kind;
  if (kind !== "session" && kind !== "program") {
    throw new HoneError("BadArgument", "checkpoint", "it is none. Give what `checkpoint()` gave.");
  }
  return checkedCheckpoint(given, kind);
}
