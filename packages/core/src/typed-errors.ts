import { HoneError, isHoneError } from "./errors.js";

/**
 * For functions of plain records: what `work` throws that is no HoneError, a TypeError over a field that is
 * not there say, becomes one that names the function. A check of every field would be longer than the function.
 * @throws BadArgument, with what was thrown as its cause
 */
export function typedErrors<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (isHoneError(cause)) throw cause;
    const what =
      "what it was given does not hold what its types say. Compare it with them; the error's cause tells where it stopped.";
    throw new HoneError("BadArgument", where, what, { cause });
  }
}
