/** Values that callers gave, as errors name them: short, and never a function's source. */

/** Characters of a text that are shown: it may come from a file, and be as long as that. */
const MOST_SHOWN = 200;

/** A value as a person would write it. */
export function valueText(value: unknown): string {
  if (typeof value === "string") {
    return value.length > MOST_SHOWN ? `"${value.slice(0, MOST_SHOWN)}…"` : `"${value}"`;
  }
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** As `valueText`, with the names an object has. */
export function contentText(value: unknown): string {
  const text = valueText(value);
  if (text !== "an object") return text;
  const names = Object.keys(value as object).join(", ");
  return `an object with ${names.slice(0, MOST_SHOWN) || "nothing"}`;
}

/** What something that was thrown says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
