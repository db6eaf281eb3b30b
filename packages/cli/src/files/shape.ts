/** Checks of what a file of JSON says, by type and range. */

export type Check = (value: unknown) => boolean;
export type Fields = Readonly<Record<string, unknown>>;

export const isText: Check = (value) => typeof value === "string";

export const isNumber =
  (least: number, most = Number.MAX_VALUE): Check =>
  (value) =>
    Number.isFinite(value) && (value as number) >= least && (value as number) <= most;

export const isAnyNumber = isNumber(-Number.MAX_VALUE);
/** An accuracy. */
export const isShare = isNumber(0, 1);
/** Seconds, rates. */
export const isAmount = isNumber(0);

export const isWhole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && isNumber(least, most)(value);

export const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with at least these fields. */
export const hasFields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(checks).every(([name, check]) => check(value[name]));

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

/** JSON, or undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
