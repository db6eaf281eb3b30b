import { HoneError } from "../errors.js";

/** @throws Aborted, with the signal's reason as cause, once the signal is set */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new HoneError("Aborted", "training", "stopped on request.", { cause: signal.reason });
}
