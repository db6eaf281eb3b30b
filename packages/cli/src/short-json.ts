const longest = 200;

/** A value of a file as JSON, as much of it as a line of text has room for. */
export function shortJson(value: unknown): string {
  return shortText(JSON.stringify(value) ?? "nothing");
}

/** As much of a text of a file as a line has room for. */
export function shortText(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
