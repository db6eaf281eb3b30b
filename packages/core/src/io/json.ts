/**
 * JSON from a stranger: bounded before it is parsed, and free of prototype keys after.
 *
 * Surprising fact: V8 parses any depth, and a file of 30 million opening brackets becomes gigabytes
 * of arrays; so depth and the number of values are counted on the bytes first.
 */
import { badModelFile, quote } from "./bad-model-file.js";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** What a text is said to be, in errors, and how much of it is read. */
export interface JsonKind {
  /** "model.json" */
  readonly name: string;
  /** What to do about a damaged one, as a sentence. */
  readonly again: string;
  readonly maxBytes: number;
  readonly maxValues: number;
}

const MODEL_JSON: JsonKind = {
  name: "model.json",
  again: "Save the model again.",
  maxBytes: 64 * 2 ** 20,
  maxValues: 1_000_000,
};
const maxDepth = 100;
const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * The object a JSON file holds.
 *
 * @throws BadModelFile, naming the file: empty, too large, not UTF-8, not JSON (or cut short), not an
 * object, nested deeper than 100, more values than the kind allows (a million in a model.json), or a key
 * that reaches a prototype.
 */
export function parseJsonObject(
  bytes: Uint8Array,
  where: string,
  kind: JsonKind = MODEL_JSON,
): JsonObject {
  if (bytes.length === 0) {
    throw badModelFile(where, `the file is empty. ${kind.again}`);
  }
  if (bytes.length > kind.maxBytes) {
    throw badModelFile(
      where,
      `the JSON has ${bytes.length} bytes; at most ${kind.maxBytes} are read. ${checkKind(kind)}`,
    );
  }
  countStructure(bytes, where, kind);
  const value = parse(bytes, where, kind);
  if (!isJsonObject(value)) {
    throw badModelFile(where, `the file holds JSON, but not an object. ${checkKind(kind)}`);
  }
  refusePrototypeKeys(value, where);
  return value;
}

function checkKind({ name }: JsonKind): string {
  return `Check that it is a ${name}.`;
}

function countStructure(bytes: Uint8Array, where: string, kind: JsonKind): void {
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) {
      inString = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      values++;
      if (depth > maxDepth) {
        throw badModelFile(where, `the JSON is nested deeper than ${maxDepth}. ${checkKind(kind)}`);
      }
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    } else if (byte === 0x2c) {
      values++;
    }
    if (values > kind.maxValues) {
      throw badModelFile(
        where,
        `the JSON holds more than ${kind.maxValues} values. ${checkKind(kind)}`,
      );
    }
  }
}

function parse(bytes: Uint8Array, where: string, kind: JsonKind): JsonValue {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw badModelFile(where, `the file is not UTF-8 text. ${checkKind(kind)}`, error);
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw badModelFile(
      where,
      `the file (${bytes.length} bytes) is not JSON, or is cut short. ${kind.again}`,
      error,
    );
  }
}

function refusePrototypeKeys(root: JsonObject, where: string): void {
  const pending: JsonValue[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (isJsonArray(value)) {
      for (const item of value) if (typeof item === "object" && item !== null) pending.push(item);
    } else if (isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (forbiddenKeys.has(key)) {
          throw badModelFile(
            where,
            `the JSON has the key ${quote(key)}, which no model needs. Do not use this file.`,
          );
        }
        if (typeof item === "object" && item !== null) pending.push(item);
      }
    }
  }
}
