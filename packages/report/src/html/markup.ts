/** HTML as a value of its own type, so that text from data cannot pass for it unescaped. */

/** A piece of HTML whose text is escaped already. */
export interface Markup {
  readonly markup: string;
}

export type MarkupValue = string | number | Markup | undefined | readonly MarkupValue[];

/**
 * A piece of HTML from a template: what stands between `${}` is escaped unless it is markup itself;
 * lists are joined, `undefined` is left out.
 */
export function html(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const text = parts.map((part, index) => (index === 0 ? part : textOf(values[index - 1]) + part));
  return { markup: text.join("") };
}

/** Text that means itself between tags and inside double quotes, in HTML and in SVG. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
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
  return "markup" in value ? value.markup : value.map(textOf).join("");
}
