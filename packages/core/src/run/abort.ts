/** Ending what is under way when a signal says so. */
import { HoneError } from "../errors.js";

/** @throws Aborted, with the signal's reason as cause, once the signal is set */
export function checkAborted(signal: AbortSignal | undefined, where = "training"): void {
  if (signal?.aborted) throw aborted(signal, where);
}

/** The promise's outcome, unless the signal comes first; nobody waits for it any more then. @throws Aborted */
export async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  where: string,
): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => undefined);
  checkAborted(signal, where);
  let stop = () => {};
  const over = new Promise<never>((_resolve, reject) => {
    stop = () => reject(aborted(signal, where));
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function aborted(signal: AbortSignal, where: string): HoneError {
  return new HoneError("Aborted", where, "stopped on request.", { cause: signal.reason });
}
