/** The error for a block of a program that no device of a target can hold; the same words on every backend. */
import { HoneError } from "../errors.js";

const LESS = "Use a smaller batch size or model, or a device that gives more.";

/** A block of a program that is larger than the device can hold in one piece. */
export function blockTooLarge(
  where: string,
  name: string,
  bytes: number,
  maxBytes: number,
): HoneError {
  const what = `block "${name}" needs ${bytes} bytes in one piece, the device gives at most ${maxBytes}. ${LESS}`;
  return new HoneError("OutOfMemory", where, what);
}
