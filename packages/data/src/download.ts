/** One file over HTTP, into memory, watched for its size and for a server that falls silent. */
import { HoneError } from "@hone/core/backend";

export interface DownloadOptions {
  /** What the file must measure; a longer answer is cut off at once. */
  readonly bytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onReceived?: ((receivedBytes: number) => void) | undefined;
  /** How long the server may send nothing before it is given up. */
  readonly stallMs?: number | undefined;
}

const STALL_MS = 30_000;

/**
 * Fetches `url`.
 * @throws BadData naming the address: no answer, a status other than success, or another length.
 * @throws Aborted when `signal` fires.
 */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const { signal, bytes: expected, stallMs = STALL_MS } = options;
  const stall = new AbortController();
  const silent = () => stall.abort(new Error(`nothing received for ${stallMs / 1000} s`));
  let timer = setTimeout(silent, stallMs);
  try {
    throwIfAborted(signal, url);
    const either = signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]);
    const response = await fetch(url, { signal: either });
    if (!response.ok || response.body === null) {
      stall.abort();
      throw failure(url, `the server answered ${response.status} ${response.statusText}`.trim());
    }
    const target = new Uint8Array(expected);
    let received = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(timer);
      timer = setTimeout(silent, stallMs);
      if (received + value.length > expected) {
        stall.abort();
        throw failure(url, `it sent more than the ${expected} bytes of the official file`);
      }
      target.set(value, received);
      received += value.length;
      options.onReceived?.(received);
    }
    if (received !== expected) throw failure(url, `it sent ${received} of ${expected} bytes`);
    return target;
  } catch (cause) {
    throwIfAborted(signal, url);
    if (cause instanceof HoneError) throw cause;
    throw failure(url, reasonOf(stall.signal.aborted ? stall.signal.reason : cause), cause);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws Aborted, if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, where: string): void {
  if (!signal?.aborted) return;
  throw new HoneError("Aborted", where, "stopped on request. No part of a file was kept.", {
    cause: signal.reason,
  });
}

function failure(url: string, what: string, cause?: unknown): HoneError {
  return new HoneError(
    "BadData",
    url,
    `${what}. Try again later, or put the file where it is looked for first.`,
    cause === undefined ? undefined : { cause },
  );
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${inner}`;
}
