/** The errors for memory that a device cannot give; the same words on every backend. */
import { HoneError } from "../errors.js";

const FREE = "Use a smaller batch size, or dispose data sets and sessions that are not needed.";
const FEWER = "Take fewer rows, or a device that gives more.";

/** A column of a data set that is larger than the device can hold in one piece. */
export function columnTooLarge(name: string, bytes: number, maxBytes: number): HoneError {
  const what = `it needs ${bytes} bytes in one piece, the device gives at most ${maxBytes}. ${FEWER}`;
  return new HoneError("OutOfMemory", `upload column "${name}"`, what);
}

/** An allocation that was refused: `heldBytes` the device has already; `reason`, without a full stop, is why there is no more. */
export function outOfMemory(
  where: string,
  { bytes, heldBytes, reason }: { bytes: number; heldBytes: number; reason: string },
  cause?: unknown,
): HoneError {
  const what = `${bytes} bytes do not fit beside the ${heldBytes} bytes in use: ${reason}. ${FREE}`;
  return new HoneError("OutOfMemory", where, what, { cause });
}
