import { HoneError } from "../errors.js";
import { visibleText } from "../visible-text.js";

/** Text from a file, made safe for one line of a terminal: quoted, escaped and cut. */
export function quote(text: string, limit = 80): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
  // JSON escapes the C0 controls only.
  return visibleText(JSON.stringify(cut));
}

/** The error for a model file that is not what it says it is. */
export function badModelFile(where: string, what: string, cause?: unknown): HoneError {
  return new HoneError("BadModelFile", where, what, cause === undefined ? undefined : { cause });
}
