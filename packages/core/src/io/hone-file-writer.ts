/** What Hone writes, as one safetensors file: hone-file.ts tells its layout. */
import { sha256 } from "../sha256.js";
import {
  FIELDS,
  FIELDS_SHA256,
  type FileKind,
  jsonKind,
  type KeptTensors,
  TENSORS_SHA256,
} from "./hone-file.js";
import { parseJsonObject } from "./json.js";
import { toPlainText } from "./plain-json-writer.js";
import type { NamedTensor } from "./safetensors.js";
import { typeOf, writeSafetensors } from "./safetensors-writer.js";

/**
 * The bytes of a file, the same for the same content.
 * @param fields all but the tensors
 * @throws BadArgument for what no file can hold: a function, a class instance
 */
export async function encodeFile(
  kind: FileKind,
  fields: object,
  tensors: KeptTensors,
): Promise<Uint8Array<ArrayBuffer>> {
  const named: NamedTensor[] = Object.entries(tensors).map(([name, { shape, data }]) => ({
    name,
    shape,
    data,
  }));
  const listed = named.map(({ name, shape, data }) => [name, typeOf(data), shape]);
  const text = toPlainText({ ...fields, tensors: listed }, kind.name);
  const bytes = new TextEncoder().encode(text);
  // What could not be read again is refused now, and not when it is needed.
  parseJsonObject(bytes, kind.name, jsonKind(kind));
  const fieldsSum = await sha256(bytes);
  return writeSafetensors(named, async (data) => ({
    [`hone.${kind.name}`]: kind.format,
    [FIELDS_SHA256]: fieldsSum,
    [TENSORS_SHA256]: data ? await sha256(data) : "0".repeat(fieldsSum.length),
    [FIELDS]: text,
  }));
}
