/** Waiting for a device that may never answer. */
import { HoneError } from "../errors.js";
import type { Patience } from "./solve.js";

/** Making pipelines may take a software GPU seconds. */
const LOAD_FACTOR = 4;

/** @param milliseconds that any answer may take; `load` may take four times as long */
export function patienceOf(backend: string, milliseconds: number): Patience {
  return (promise, what) => {
    const limitMs = what === "load" ? LOAD_FACTOR * milliseconds : milliseconds;
    return within(promise, limitMs, () => {
      const waited = `${what} has not ended after ${limitMs / 1000} s`;
      return new HoneError("BackendUnavailable", backend, `${waited}. Choose another backend.`);
    });
  };
}

/** @throws what `late` makes once the time is over; the promise's outcome no longer matters then */
export async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
