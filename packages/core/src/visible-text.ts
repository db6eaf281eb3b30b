/**
 * Text from outside, made harmless to print: names in a model.json or a data set may hold sequences
 * that move a terminal's cursor, set its title or fill its clipboard, and marks that turn the order of
 * a line round for the eye alone (CVE-2021-42574). They are shown as JSON would write them, so that
 * JSON text means the same after it.
 */

/**
 * C0 but tab and line feed, DEL and C1; marks of direction; line and paragraph separators; what has no width and
 * joins nothing (U+200C and U+200D shape letters and emoji, and stay); tags; halves of pairs without the other.
 */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

/** Lines as they are, and in them whatever a terminal or an eye could be deceived by written out: `\u001b`. */
export function visibleLines(text: string): string {
  // What is no text, from a caller without types, is shown as what it is.
  return String(text).replace(invisible, escaped);
}

/** The same for a name within a line: line feeds and tabs are written out too. */
export function visibleText(text: string): string {
  return visibleLines(text).replace(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
  ).join("");
}
