/**
 * Plain data as JSON text and back, exactly: JSON has no NaN, no infinity, no negative zero and no typed arrays.
 *
 * What it lacks becomes an object whose only key is `$`: `{ "$": "NaN" }`, `{ "$": ["Float32Array", 1, 2] }`. Keys
 * that begin with `$` themselves get another one in front, so that the two are never taken for each other.
 */
import type { HoneError } from "../errors.js";
import { badModelFile, quote } from "./bad-model-file.js";
import { isJsonArray, isJsonObject, type JsonValue } from "./json.js";

const WORDS: ReadonlyMap<JsonValue, number | undefined> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
  ["undefined", undefined],
]);
const ARRAYS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
} as const;
type ArrayName = keyof typeof ARRAYS;

/** @throws BadModelFile for a `$` that stands for nothing known */
export function fromPlainJson(value: JsonValue, where: string): unknown {
  if (isJsonArray(value)) return value.map((item) => fromPlainJson(item, where));
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, "$")) return lacking(value, where);
  // Own properties, whatever the keys are.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key.startsWith("$") && !key.startsWith("$$")) throw unknownMark(key, where);
      return [key.startsWith("$") ? key.slice(1) : key, fromPlainJson(item, where)];
    }),
  );
}

function lacking(value: Readonly<Record<string, JsonValue>>, where: string): unknown {
  const { $: given = null } = value;
  if (Object.keys(value).length === 1) {
    if (WORDS.has(given)) return WORDS.get(given);
    if (isJsonArray(given)) {
      const [name, ...items] = given;
      const numbers = items.map((item) => fromPlainJson(item, where));
      if (isArrayName(name) && numbers.every((item) => typeof item === "number"))
        return ARRAYS[name].from(numbers);
    }
  }
  throw unknownMark(JSON.stringify(given), where);
}

function unknownMark(text: string, where: string): HoneError {
  return badModelFile(
    where,
    `it holds the mark ${quote(text)}, which this release does not know. Use the release that wrote it, or take another checkpoint.`,
  );
}

export const isArrayName = (name: unknown): name is ArrayName =>
  typeof name === "string" && Object.hasOwn(ARRAYS, name);
