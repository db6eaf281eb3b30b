/**
 * HTML as a value of its own class, so that nothing from data can pass for it unescaped: parsed JSON may
 * hold any key, and an object that only looks like markup is text.
 */
import { HoneError, visibleLines } from "@hone/core";

/** A piece of HTML whose text is escaped already. */
export class Markup {
  readonly #text: string;

  /** For this folder alone: `text` must be HTML whose every part from data went through `escapeText`. */
  constructor(text: string) {
    this.#text = text;
  }

  get markup(): string {
    return this.#text;
  }

  /** Whether a value was made by this constructor; no property that data could have decides it. */
  static is(value: unknown): value is Markup {
    return typeof value === "object" && value !== null && #text in value;
  }
}

export type MarkupValue = string | number | Markup | undefined | readonly MarkupValue[];

/**
 * A piece of HTML from a template: what stands between `${}` is escaped unless it is markup itself;
 * lists are joined, `undefined` is left out. What is none of these, as a damaged file may hold it, is
 * written as JSON.
 */
export function html(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  // A list that is no template would pass what stands in it unescaped.
  if (!Array.isArray(parts) || !Array.isArray(parts.raw)) {
    const what = "it was called as a function. Use it as the tag of a template: html`<p>…</p>`.";
    throw new HoneError("BadArgument", "html", what);
  }
  const text = parts.map((part, index) => (index === 0 ? part : textOf(values[index - 1]) + part));
  return new Markup(text.join(""));
}

/**
 * Text that means itself between tags and inside double quotes, in HTML and in SVG; what turns its order round
 * or cannot be seen is written out.
 */
export function escapeText(text: string): string {
  return visibleLines(text).replace(/[&<>"']/g, (character) => entities[character] as string);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function textOf(value: MarkupValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return `${value}`;
  if (Markup.is(value)) return value.markup;
  if (Array.isArray(value)) return value.map(textOf).join("");
  return escapeText(JSON.stringify(value) ?? String(value));
}
