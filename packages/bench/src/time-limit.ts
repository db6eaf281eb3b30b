/** A device may never answer; nothing waits for it for ever. */

import { isHoneError } from "@hone/core";

/** A device did not answer in time. It may still be computing: leave it alone. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * What `work` gives, unless it takes too long.
 * @param what names it in the error: `sync`
 * @throws TimeLimitError; whatever `work` throws
 */
export async function withinMs<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimeLimitError(`${what} gave no answer within ${limitMs / 1000} s`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Calls `work`, so that what it throws at once is a rejection too, and names it in what it throws; but not
 * where Hone refused to ask the device at all.
 * @throws TimeLimitError; DeviceFault; a refusal as it is
 */
export async function attempt<T>(
  limitMs: number,
  what: string,
  work: () => Promise<T> | T,
): Promise<T> {
  const running = (async () => work())();
  try {
    return await withinMs(limitMs, what, running);
  } catch (error) {
    if (error instanceof TimeLimitError) {
      running.catch(() => undefined);
      throw error;
    }
    if (refusals.some((kind) => isHoneError(error, kind))) throw error;
    throw new DeviceFault(what, error);
  }
}

const refusals = [
  "BackendUnavailable",
  "LacksOp",
  "OutOfMemory",
  "UnsupportedModel",
  "BadArgument",
  "BadData",
  "ShapeMismatch",
] as const;

/** What a device threw, and in what. */
export class DeviceFault extends Error {
  override readonly name = "DeviceFault";

  constructor(what: string, cause: unknown) {
    super(`${what} threw: ${messageOf(cause).replace(/^\[hone\] /, "")}`, { cause });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
