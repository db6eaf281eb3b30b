import { HoneError } from "@hone/core";

/** The error for a PNG file that breaks the format's rules. */
export function damaged(where: string, what: string, cause?: unknown): HoneError {
  const options = cause === undefined ? undefined : { cause };
  return new HoneError("BadData", where, `it is damaged: ${what}. Save the image again.`, options);
}
