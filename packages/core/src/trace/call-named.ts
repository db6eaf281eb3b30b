/** Errors of tfjs, and of the user's own code, while it is traced. */
import { HoneError, isHoneError } from "../errors.js";
import { LATE } from "./late-parts.js";
import type { Recorder } from "./recorder.js";

/**
 * Whatever tfjs or the user's code throws becomes an error that names the layer or function.
 * @param advice what to do, a sentence
 * @throws UnsupportedModel; Hone's own errors as they are
 */
export function callNamed<T>(recorder: Recorder, advice: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (isHoneError(cause)) throw cause;
    const message = (cause instanceof Error ? cause.message : `${cause}`)
      .replace(/\s+/g, " ")
      .trim();
    const end = /[.!?]$/.test(message) ? "" : ".";
    const what = `it fails when it is called: ${message}${end} ${LATE.adviceFor?.(message) ?? advice}`;
    throw new HoneError("UnsupportedModel", recorder.whereOf(cause), what, { cause });
  }
}
