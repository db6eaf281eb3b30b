/**
 * Plain data as JSON text and back, exactly: JSON has no NaN, no infinity, no negative zero and no typed arrays.
 *
 * What it lacks becomes an object whose only key is `$`: `{ "$": "NaN" }`, `{ "$": ["Float32Array", 1, 2] }`. Keys
 * that begin with `$` themselves get another one in front, so that the two are never taken for each other.
 */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
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

/**
 * JSON text of plain data: what structured cloning keeps of objects, lists, numeric arrays, text, numbers and booleans.
 * Fields that are undefined are left out.
 * @throws BadArgument naming the field that is none of these
 */
export function toPlainText(value: unknown, where: string): string {
  return JSON.stringify(toJson(value, [], where));
}

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

const isArrayName = (name: unknown): name is ArrayName =>
  typeof name === "string" && Object.hasOwn(ARRAYS, name);

function toJson(value: unknown, path: readonly string[], where: string): JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: numberWord(value) };
  }
  if (value === undefined) return { $: "undefined" };
  if (Array.isArray(value)) {
    return Array.from(value, (item, index) => toJson(item, [...path, String(index)], where));
  }
  const kind = typeof value === "object" && Object.prototype.toString.call(value).slice(8, -1);
  if (isArrayName(kind)) {
    const numbers = Array.from(value as ArrayLike<number>, (item) => toJson(item, path, where));
    return { $: [kind, ...numbers] };
  }
  if (kind !== "Object" || !isPlain(value as object)) {
    throw new HoneError(
      "BadArgument",
      where,
      `its field "${path.join(".")}" is ${valueText(value)}${kind && kind !== "Object" ? ` (${kind})` : ""}, which no file can hold. Give plain data there.`,
    );
  }
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([key, item]) =>
      item === undefined
        ? []
        : [[key.startsWith("$") ? `$${key}` : key, toJson(item, [...path, key], where)] as const],
    ),
  );
}

const numberWord = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

/** An object literal, of this realm or of another one. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
