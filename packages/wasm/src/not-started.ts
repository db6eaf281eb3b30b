import { HoneError, messageOf } from "@hone/core/hosted";

/** What to say when the kernels' module cannot be compiled, or made to run. */
export function notStarted(cause: unknown): HoneError {
  const reason = messageOf(cause).replace(/\.$/, "");
  const what = `its kernels could not be started (${reason}). Allow 'wasm-unsafe-eval' where a Content-Security-Policy applies, and leave memory free.`;
  return new HoneError("BackendUnavailable", "wasm", what, { cause });
}
