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

const maxBytes = 64 * 2 ** 20;
const maxDepth = 100;
const maxValues = 1_000_000;
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
 * object, nested deeper than 100, more than a million values, or a key that reaches a prototype.
 */
export function parseJsonObject(bytes: Uint8Array, where: string): JsonObject {
  if (bytes.length === 0) {
    throw badModelFile(where, "the file is empty. Save the model again.");
  }
  if (bytes.length > maxBytes) {
    throw badModelFile(
      where,
      `the file has ${bytes.length} bytes; at most ${maxBytes} are read. Check that it is a model.json.`,
    );
  }
  countStructure(bytes, where);
  const value = parse(bytes, where);
  if (!isJsonObject(value)) {
    throw badModelFile(
      where,
      "the file holds JSON, but not an object. Check that it is a model.json.",
    );
  }
  refusePrototypeKeys(value, where);
  return value;
}

function countStructure(bytes: Uint8Array, where: string): void {
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
        throw badModelFile(
          where,
          `the JSON is nested deeper than ${maxDepth}. Check that it is a model.json.`,
        );
      }
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    } else if (byte === 0x2c) {
      values++;
    }
    if (values > maxValues) {
      throw badModelFile(
        where,
        `the JSON holds more than ${maxValues} values. Check that it is a model.json.`,
      );
    }
  }
}

function parse(bytes: Uint8Array, where: string): JsonValue {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw badModelFile(where, "the file is not UTF-8 text. Check that it is a model.json.", error);
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw badModelFile(
      where,
      `the file (${bytes.length} bytes) is not JSON, or is cut short. Save the model again.`,
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
