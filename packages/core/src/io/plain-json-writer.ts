/** Plain data as JSON text, exactly: the marks are told of in plain-json.ts. */
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import type { JsonValue } from "./json.js";
import { isArrayName } from "./plain-json.js";

/**
 * JSON text of plain data: what structured cloning keeps of objects, lists, numeric arrays, text, numbers and booleans.
 * Fields that are undefined are left out.
 * @throws BadArgument naming the field that is none of these
 */
export function toPlainText(value: unknown, where: string): string {
  return JSON.stringify(toJson(value, [], where));
}

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
