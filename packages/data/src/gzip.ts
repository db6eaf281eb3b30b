/**
 * Gzip through the platform's own DecompressionStream, a chunk at a time, so that a reader can stop
 * before a small file that expands to gigabytes has done so.
 */
import { HoneError } from "@hone/core/backend";

/** Deflate cannot expand a byte into more than this many (zlib's technical notes: 1032:1). */
export const DEFLATE_MAXIMUM_RATIO = 1032;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The expanded content, in order.
 * @throws BadData naming `where`, if the stream is truncated or its own checksum does not match.
 */
export async function* gunzip(
  compressed: Uint8Array,
  where: string,
): AsyncGenerator<Uint8Array, void, void> {
  // A Blob hands its bytes over in pieces; written as one piece, Chromium would expand all of it
  // before the first chunk could be read.
  const stream = new Blob([compressed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HoneError(
      "BadData",
      where,
      `the gzip stream of ${compressed.length} bytes is damaged or cut short (${reason}). ` +
        "Replace the file with a complete copy.",
      { cause },
    );
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
