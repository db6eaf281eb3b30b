import { HoneError } from "../errors.js";

/** Text from a file, made safe for one line of a terminal: quoted, escaped and cut. */
export function quote(text: string, limit = 80): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
  // JSON escapes the C0 controls only; the rest of what could move a cursor or break a line follows.
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The error for a model file that is not what it says it is. */
export function badModelFile(where: string, what: string, cause?: unknown): HoneError {
  return new HoneError("BadModelFile", where, what, cause === undefined ? undefined : { cause });
}
